-- With WHERE an UPDATE finds nothing without a SELECT policy, and without WHERE it does.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for update to authenticated using (owner_id = auth.uid());
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$update public.notes set body = 'c' where body = 'a'$q$) = '0'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$update public.notes set body = 'c'$q$) = '1';
