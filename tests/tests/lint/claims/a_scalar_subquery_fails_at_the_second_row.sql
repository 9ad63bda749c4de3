-- 21000 at the second membership.
grant select, insert, update, delete on public.notes to anon, authenticated;
create table public.members (user_id uuid, tenant_id uuid, primary key (user_id, tenant_id));
insert into public.members values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a'), ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b');
grant select on public.members to authenticated;
insert into public.members values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000b');
create policy p on public.notes  for select to authenticated using (tenant_id = (select m.tenant_id from public.members m where m.user_id = auth.uid()));
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '21000'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000b', $q$select * from public.notes$q$) = '1';
