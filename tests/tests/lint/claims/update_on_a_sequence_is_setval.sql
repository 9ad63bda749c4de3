-- UPDATE turns a sequence back; default privileges grant it in the hardened regime, too.
create sequence public.numbers;
create table public.numbered (number bigint primary key default nextval('public.numbers'));
insert into public.numbered default values;
insert into public.numbered default values;
select has_sequence_privilege('anon', 'public.numbers', 'update')
   and claim.value_as('anon', null, $q$select setval('public.numbers', 1, false)$q$) = '1'
   and claim.value_as('service_role', null, $q$select 1$q$) = '1'
   and claim.run_as(current_user::text, null, 'insert into public.numbered default values') = '23505';
