begin;

create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pg_cron;

-- Nothing is granted by itself.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges for role postgres revoke execute on functions from public;
alter default privileges for role postgres in schema public revoke execute on functions from public, anon, authenticated;

create schema if not exists private;

create type public.team_role as enum ('member', 'admin');

create table public.teams (
  id uuid primary key default extensions.uuid_generate_v4(),
  name text not null check (char_length(name) between 1 and 80),
  created_at timestamptz not null default now()
);
create table public.members (
  team_id uuid not null references public.teams (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role public.team_role not null default 'member',
  primary key (team_id, user_id)
);
create index members_user_id_idx on public.members (user_id);
create table public.projects (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  title text not null
);
create index projects_team_id_idx on public.projects (team_id);

alter table public.teams enable row level security;
alter table public.members enable row level security;
alter table public.projects enable row level security;

commit;
