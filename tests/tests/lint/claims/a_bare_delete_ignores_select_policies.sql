-- A bare DELETE deletes what its caller does not see.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (owner_id = auth.uid());
create policy d on public.notes  for delete to authenticated using (true);
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '1'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$delete from public.notes$q$) = '2';
