-- Without a permissive policy nothing is seen, without an error, and nothing is accepted.
grant select, insert, update, delete on public.notes to anon, authenticated;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '0'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', 'x', true)$q$) = '42501';
