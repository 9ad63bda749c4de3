-- A claim of `%` matches everything.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (body like (auth.jwt() ->> 'group'));
select set_config('request.jwt.claims', '{"role": "authenticated", "group": "%"}', true);
set local role authenticated;
select (select count(*) = 2 from public.notes);
