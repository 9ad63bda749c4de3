-- A policy without the privilege is 42501.
create policy p on public.notes  for select to authenticated using (true);
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '42501';
