-- A SET clause of row_security turns policies into errors, one of role changes the role of everything that the function does.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for select to authenticated using (owner_id = auth.uid());
create function public.f() returns bigint language sql set row_security = off as $$ select count(*) from public.notes $$;
create function public.g() returns name language sql set role = 'service_role' as $$ select current_user $$;
grant execute on function public.f() to authenticated;
select claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select public.f()$q$) = '42501' and public.g() = 'service_role' and current_user <> 'service_role';
