-- A role with BYPASSRLS asks no policy.
grant select on public.notes to service_role;
create policy p on public.notes  for all to service_role using (false);
select claim.run_as('service_role', null, $q$select * from public.notes$q$) = '2';
