-- What one alternative of a condition opens is open, whatever the others compare.
grant select on public.notes to authenticated;
create policy p on public.notes for select to authenticated using (shared or tenant_id = (select auth.uid()));
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000b', $q$select * from public.notes$q$) = '2';
