-- An INSERT policy without WITH CHECK refuses every row; it does not allow all.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes for insert to authenticated;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', 'x', true)$q$) = '42501';
