-- A comparison of a column with itself holds for every row that has a value.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (owner_id = owner_id);
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '2';
