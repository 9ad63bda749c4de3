-- A helper without EXECUTE makes every query 42501.
grant select, insert, update, delete on public.notes to anon, authenticated;
create function private.mine() returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select auth.uid() $$;
revoke all on function private.mine() from public, authenticated;
create policy p on public.notes  for select to authenticated using (owner_id = any (array(select private.mine())));
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '42501';
