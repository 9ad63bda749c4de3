-- A definer function without a search path reads the table that its caller puts in front.
create function public.f() returns text language plpgsql security definer as $$ begin return (select body from notes limit 1); end $$;
grant execute on function public.f() to authenticated;
create schema own;
grant create, usage on schema own to authenticated;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$create table own.notes as select 'forged'::text as body$q$), claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$grant all on own.notes to public$q$);
grant usage on schema own to current_user;
set local search_path = own, public;
select claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select public.f()$q$) = 'forged';
