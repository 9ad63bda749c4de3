-- `(select f())` is computed once for a statement, a bare call for each row that is looked at.
grant select, insert, update, delete on public.notes to anon, authenticated;
create sequence private.calls;
create function private.helper() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin perform nextval('private.calls'); return auth.uid(); end $$;
grant execute on function private.helper() to authenticated;
create sequence private.other;
create function private.bare() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin perform nextval('private.other'); return auth.uid(); end $$;
grant execute on function private.bare() to authenticated;
create table public.more as select * from public.notes, generate_series(1, 50);
alter table public.more enable row level security;
grant select on public.more to authenticated;
create policy p on public.more for select to authenticated using (owner_id = private.bare());
alter table public.notes disable row level security;
create table public.wrapped as select * from public.more;
alter table public.wrapped enable row level security;
grant select on public.wrapped to authenticated;
create policy p on public.wrapped for select to authenticated using (owner_id = (select private.helper()));
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.more$q$), claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.wrapped$q$);
select (select last_value = 1 from private.calls) and (select last_value >= 100 from private.other);
