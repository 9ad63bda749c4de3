-- Firing a trigger needs no EXECUTE on its function.
create function private.touch() returns trigger language plpgsql as $$ begin new.body := 'touched'; return new; end $$;
revoke all on function private.touch() from public, anon, authenticated;
create trigger touch before insert on public.notes for each row execute function private.touch();
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes  for all to authenticated using (true);
create temp table written as select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.notes (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', 'x', true)$q$) as rows;
select not has_function_privilege('authenticated', 'private.touch()', 'execute') and (select rows from written) = '1' and exists (select from public.notes where body = 'touched');
