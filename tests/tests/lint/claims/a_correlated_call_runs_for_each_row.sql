-- `(select f(column))` runs for each row.
grant select, insert, update, delete on public.notes to anon, authenticated;
create sequence private.calls;
create function private.helper(p uuid) returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin perform nextval('private.calls'); return auth.uid(); end $$;
grant execute on function private.helper(uuid) to authenticated;
insert into public.notes (owner_id, tenant_id, body, shared) select owner_id, tenant_id, body, shared from public.notes, generate_series(1, 20);
create policy p on public.notes  for select to authenticated using (owner_id = (select private.helper(owner_id)));
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$);
select (select last_value >= 42 from private.calls);
