-- A hidden row is told of by 23505.
grant select, insert, update, delete on public.notes to anon, authenticated;
alter table public.notes add unique (body);
create policy p on public.notes  for all to authenticated using (owner_id = auth.uid());
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', 'b', true)$q$) = '23505'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', 'c', true)$q$) = '1';
