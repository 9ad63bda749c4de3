-- A policy by membership lets a row move between two tenants of one person.
grant select, insert, update, delete on public.notes to anon, authenticated;
create table public.members (user_id uuid, tenant_id uuid, primary key (user_id, tenant_id));
insert into public.members values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a'), ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b');
grant select on public.members to authenticated;
insert into public.members values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000b');
create policy p on public.notes  for all to authenticated using (tenant_id = any (array(select m.tenant_id from public.members m where m.user_id = auth.uid())));
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$update public.notes set tenant_id = '00000000-0000-0000-0000-00000000000b' where body = 'a'$q$) = '1';
