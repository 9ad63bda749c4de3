-- EXECUTE on a helper is enough; USAGE on its schema is not asked for.
grant select, insert, update, delete on public.notes to anon, authenticated;
create function private.mine() returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select auth.uid() $$;
revoke all on function private.mine() from public;
grant execute on function private.mine() to authenticated;
create policy p on public.notes  for select to authenticated using (owner_id = any (array(select private.mine())));
select not has_schema_privilege('authenticated', 'private', 'usage')
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '1'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select private.mine()$q$) = '42501';
