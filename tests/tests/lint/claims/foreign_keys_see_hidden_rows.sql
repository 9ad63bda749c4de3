-- A foreign key tells hidden rows from missing ones.
grant references on public.notes to authenticated;
create schema own;
grant create, usage on schema own to authenticated;
update public.notes set note_id = '00000000-0000-0000-0000-00000000000b' where body = 'b';
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$create table own.probe (note_id uuid references public.notes)$q$);
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '42501'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into own.probe values ('00000000-0000-0000-0000-00000000000a')$q$) = '23503'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into own.probe values ('00000000-0000-0000-0000-00000000000b')$q$) = '1';
