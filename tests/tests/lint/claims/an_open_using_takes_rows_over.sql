-- A bare UPDATE needs no SELECT policy and takes rows over.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for update to authenticated using (true) with check (owner_id = auth.uid());
create temp table taken as select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$update public.notes set owner_id = '00000000-0000-0000-0000-00000000000a'$q$) as rows;
select (select rows from taken) = '2' and (select count(*) from public.notes where owner_id = '00000000-0000-0000-0000-00000000000a') = 2;
