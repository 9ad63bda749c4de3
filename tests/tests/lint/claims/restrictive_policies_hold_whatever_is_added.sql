-- A restrictive policy holds beside one that is true.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for all to authenticated using (true);
create policy r on public.notes as restrictive for all to authenticated using (owner_id = auth.uid());
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '1'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b', 'x', true)$q$) = '42501';
