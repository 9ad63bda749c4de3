create or replace function private_make(p_name text) returns void language plpgsql as $$
begin
  execute format('create table public.%I (id uuid primary key)', p_name);
end $$;

do $$
begin
  execute 'create table public.made_in_block (id uuid primary key, "when" timestamp)';
end $$;
select private_make('made_by_call');
alter table public.made_in_block rename to renamed;
create table public.renamed_twice (id uuid primary key);
alter table public.renamed_twice rename to last_name;
alter table public.last_name enable row level security;
alter table public.last_name disable row level security;
drop function private_make(text);
