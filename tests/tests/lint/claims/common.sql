-- Stands before every claim. Two notes of two people in two tenants, under row-level security and without any privilege.
create schema claim;
grant usage on schema claim to public;
create schema private;
revoke all on schema private from public;
create table public.notes (
  note_id uuid primary key default gen_random_uuid(),
  owner_id uuid not null, tenant_id uuid not null, body text not null, shared boolean not null);
insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', 'a', true), ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b', 'b', false);
create index notes_owner_idx on public.notes (owner_id);
alter table public.notes enable row level security;
revoke all on public.notes from public, anon, authenticated, service_role;

-- Runs a statement as a role and user: how many rows it touched or returned, or the error.
create function claim.run_as(p_role text, p_sub text, p_sql text) returns text language plpgsql as $$
declare
  v_rows bigint;
begin
  perform set_config('request.jwt.claims', json_build_object('role', p_role, 'sub', p_sub)::text, true);
  perform set_config('role', p_role, true);
  execute p_sql;
  get diagnostics v_rows = row_count;
  perform set_config('role', 'none', true);
  return v_rows::text;
exception when others then
  return sqlstate;
end $$;

-- The first value of a query that runs as a role and user, or the error.
create function claim.value_as(p_role text, p_sub text, p_sql text) returns text language plpgsql as $$
declare
  v_value text;
begin
  perform set_config('request.jwt.claims', json_build_object('role', p_role, 'sub', p_sub)::text, true);
  perform set_config('role', p_role, true);
  execute p_sql into v_value;
  perform set_config('role', 'none', true);
  return v_value;
exception when others then
  return sqlstate;
end $$;

-- The plan of a query as one text.
create function claim.plan(p_sql text) returns text language plpgsql as $$
declare
  v_line text;
  v_plan text := '';
begin
  for v_line in execute 'explain (costs off) ' || p_sql loop
    v_plan := v_plan || v_line || chr(10);
  end loop;
  return v_plan;
end $$;
