-- Who sends no user sees more than who does.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to anon, authenticated using (auth.uid() is null or owner_id = auth.uid());
select claim.run_as('anon', null, $q$select * from public.notes$q$) = '2'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '1';
