-- Nothing compares the claim with the account.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (body = auth.email());
update public.notes set body = 'anna@example.com' where body = 'b';
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-0000-0000-00000000000a", "email": "anna@example.com"}', true);
set local role authenticated;
select (select count(*) = 1 from public.notes);
