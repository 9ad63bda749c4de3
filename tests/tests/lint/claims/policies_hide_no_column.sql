-- Whoever sees a row sees all columns that the role may read.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (owner_id = auth.uid());
select claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select body from public.notes$q$) = 'a';
