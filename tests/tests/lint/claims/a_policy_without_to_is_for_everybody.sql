-- A policy without TO is for every role.
grant select, insert, update, delete on public.notes to anon, authenticated;
create policy p on public.notes using (true);
select claim.run_as('anon', null, $q$select * from public.notes$q$) = '2' and (select polroles = '{0}' from pg_policy where polname = 'p');
