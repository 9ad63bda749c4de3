-- A literal shows one tenant to everybody.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (tenant_id = '00000000-0000-0000-0000-00000000000b');
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '1'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000b', $q$select * from public.notes$q$) = '1';
