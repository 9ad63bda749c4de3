-- Who may insert into one table writes into another on which they have no privilege.
create table private.log (body text);
create policy p on public.notes for insert to authenticated with check (true);
grant insert on public.notes to authenticated;
create rule log_notes as on insert to public.notes do also insert into private.log values (new.body);
select claim.run_as('authenticated', null, $q$insert into public.notes (owner_id, tenant_id, body, shared) select gen_random_uuid(), gen_random_uuid(), 'c', false$q$) <> '42501'
   and claim.run_as('authenticated', null, 'select from private.log') = '42501';
select (select count(*) from private.log) = 1;
