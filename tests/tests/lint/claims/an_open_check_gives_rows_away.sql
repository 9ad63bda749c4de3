-- WITH CHECK replaces USING for new rows; without it USING counts for them.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (true);
create policy u on public.notes  for update to authenticated using (owner_id = auth.uid()) with check (true);
create table public.kept (like public.notes);
alter table public.kept enable row level security;
grant select, update on public.kept to authenticated;
insert into public.kept select * from public.notes;
create policy s on public.kept for select to authenticated using (true);
create policy u on public.kept for update to authenticated using (owner_id = auth.uid());
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$update public.notes set owner_id = '00000000-0000-0000-0000-00000000000b' where body = 'a'$q$) = '1'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$update public.kept set owner_id = '00000000-0000-0000-0000-00000000000b' where body = 'a'$q$) = '42501';
