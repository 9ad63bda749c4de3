-- With a check that is true the privilege decides alone.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for insert to anon, authenticated with check (true);
select claim.run_as('anon', null, $q$insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b', 'x', true)$q$) = '1'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b', 'x', true)$q$) = '1';
