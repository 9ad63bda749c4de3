-- Without a permissive policy nothing is allowed.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes as restrictive for all to authenticated using (true);
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '0';
