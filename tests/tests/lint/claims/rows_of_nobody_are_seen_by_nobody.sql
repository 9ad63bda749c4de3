-- A comparison with NULL is unknown.
grant select, insert, update, delete on public.notes to anon, authenticated;
alter table public.notes alter owner_id drop not null;
update public.notes set owner_id = null;
create policy p on public.notes  for select to authenticated using (owner_id = auth.uid());
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '0'
   and claim.run_as('authenticated', null, $q$select * from public.notes$q$) = '0';
