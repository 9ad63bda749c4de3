-- A sub-query that does not name the caller finds the rows of all.
grant select, insert, update, delete on public.notes to anon, authenticated;
create table public.members (user_id uuid, tenant_id uuid, primary key (user_id, tenant_id));
insert into public.members values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a'), ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b');
grant select on public.members to authenticated;
create policy p on public.notes  for select to authenticated using (exists (select from public.members m where m.tenant_id = notes.tenant_id));
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '2';
