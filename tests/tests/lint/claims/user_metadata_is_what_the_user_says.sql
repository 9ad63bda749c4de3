-- A policy cannot tell who wrote a claim: whatever stands in it counts.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using ((auth.jwt() -> 'user_metadata' ->> 'role') = 'admin');
select set_config('request.jwt.claims', '{"role": "authenticated", "user_metadata": {"role": "admin"}}', true);
set local role authenticated;
select (select count(*) = 2 from public.notes);
