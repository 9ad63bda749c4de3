-- What functions with their owner's rights look like in projects. Those of the schema `good` are right, those of `bad` are not.
alter default privileges revoke execute on functions from public;
create schema good;
create schema bad;
grant usage on schema good, bad to anon, authenticated;

create table public.profiles (id uuid primary key references auth.users on delete cascade, name text not null, is_admin boolean not null default false);
create table public.orgs (id uuid primary key default gen_random_uuid(), name text not null);
create table public.memberships (
  org_id uuid not null references public.orgs on delete cascade, user_id uuid not null references auth.users, role text not null, primary key (org_id, user_id));
create index memberships_user_id_idx on public.memberships (user_id);
create table public.carts (id uuid primary key default gen_random_uuid(), user_id uuid not null references auth.users, item text not null);
create index carts_user_id_idx on public.carts (user_id);
create table public.old_carts (id uuid primary key, user_id uuid not null, item text not null);
alter table public.profiles enable row level security;
alter table public.orgs enable row level security;
alter table public.memberships enable row level security;
alter table public.carts enable row level security;
alter table public.old_carts enable row level security;
revoke all on all tables in schema public from anon, authenticated;

create function good.delete_account() returns void language sql security definer set search_path = pg_catalog, pg_temp
as $$ delete from auth.users where id = auth.uid(); $$;

create function good.is_admin() returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select exists (select 1 from public.profiles p where p.id = auth.uid() and p.is_admin) $$;

create function good.rename_org(p_org uuid, p_name text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not good.is_admin() then
    raise exception 'admins only';
  end if;
  update public.orgs set name = p_name where id = p_org;
end $$;

create function good.rename_my_org(p_name text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  v_user uuid := auth.uid();
  v_org uuid;
begin
  select m.org_id into v_org from public.memberships m where m.user_id = v_user and m.role = 'owner';
  if v_org is null then
    raise exception 'you have none';
  end if;
  update public.orgs set name = p_name where id = v_org;
end $$;

create function good.save_profile(p_name text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  v_user uuid;
begin
  v_user := auth.uid();
  insert into public.profiles (id, name) values (v_user, p_name) on conflict (id) do update set name = excluded.name;
  perform pg_notify('profiles', v_user::text);
end $$;

create function good.archive_cart() returns void language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with gone as (delete from public.carts c where c.user_id = (select auth.uid()) returning c.*)
  insert into public.old_carts select g.id, g.user_id, g.item from gone g;
$$;

create function good.set_role(p_org uuid, p_user uuid, p_role text) returns void language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update public.memberships m set role = p_role
  where m.org_id = p_org and m.user_id = p_user
    and exists (select 1 from public.memberships o where o.org_id = p_org and o.user_id = auth.uid() and o.role = 'owner');
$$;

create function good.leave(p_org uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform 1 from public.memberships m where m.org_id = p_org and m.user_id = auth.uid() for update;
  if not found then
    raise exception 'not a member';
  end if;
  delete from public.memberships m where m.org_id in (select o.org_id from public.memberships o where o.user_id = auth.uid()) and m.user_id = auth.uid();
end $$;

create function bad.rename_org(p_org uuid, p_name text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if auth.uid() is null then
    raise exception 'sign in';
  end if;
  update public.orgs set name = p_name where id = p_org;
end $$;

-- Whoever is no member has no role: NULL lets him pass.
create function bad.close_org(p_org uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if (select m.role from public.memberships m where m.org_id = p_org and m.user_id = auth.uid()) <> 'owner' then
    raise exception 'owners only';
  end if;
  delete from public.orgs where id = p_org;
end $$;

create function bad.empty_cart(p_user uuid) returns void language sql security definer set search_path = pg_catalog, pg_temp
as $$ delete from public.carts where user_id = p_user or user_id = auth.uid() $$;

create function bad.make_admin(p_user uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.profiles (id, name, is_admin) values (p_user, 'admin', true);
exception when others then
  update public.profiles set is_admin = true where id = p_user;
end $$;

create function bad.run(p_sql text) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$ begin execute p_sql; end $$;

-- The helper may be called by nobody, the function that calls it by everybody.
create function bad.wipe(p_org uuid) returns void language sql security definer set search_path = pg_catalog, pg_temp
as $$ delete from public.memberships where org_id = p_org $$;
revoke all on function bad.wipe(uuid) from public;
create function bad.reset(p_org uuid) returns void language sql security definer set search_path = pg_catalog, pg_temp
as $$ select bad.wipe(p_org) $$;

-- Its caller's rights and policies decide.
create function good.put_into_cart(p_item text) returns void language sql set search_path = pg_catalog, pg_temp
as $$ insert into public.carts (user_id, item) values (auth.uid(), p_item) $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace in ('good'::regnamespace, 'bad'::regnamespace) and p.proname <> 'wipe' loop
    execute format('grant execute on function %s to authenticated', f);
  end loop;
  grant execute on function bad.make_admin(uuid) to anon;
end $$;
