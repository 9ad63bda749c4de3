-- With an expression that is true every row is seen.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (true);
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '2';
