-- A table without SELECT makes every query 42501; the columns of the row itself need none.
grant select, insert, update, delete on public.notes to anon, authenticated;
create table public.members (user_id uuid, tenant_id uuid);
revoke all on public.members from authenticated;
create policy p on public.notes  for select to authenticated using (tenant_id = any (array(select m.tenant_id from public.members m)));
revoke select on public.notes from authenticated;
grant select (body) on public.notes to authenticated;
create table public.plain (plain_id int, owner_id uuid);
alter table public.plain enable row level security;
revoke all on public.plain from authenticated;
grant select (plain_id) on public.plain to authenticated;
create policy p on public.plain for select to authenticated using (owner_id = auth.uid());
insert into public.plain values (1, '00000000-0000-0000-0000-00000000000a');
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select body from public.notes$q$) = '42501'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select plain_id from public.plain$q$) = '1';
