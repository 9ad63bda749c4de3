-- A closer match of the same name is called instead, with the rights of the owner of the caller.
create function private.pick(p numeric) returns text language sql as $$ select 'meant'::text $$;
create function public.f() returns text language sql security definer set search_path = private, pg_temp as $$ select private.pick(1) $$;
create function public.g() returns text language plpgsql security definer set search_path = private, pg_temp as $$ begin return pick(1); end $$;
grant create, usage on schema private to authenticated;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$create function private.pick(p integer) returns text language sql as 'select current_user::text'$q$);
select public.g() = current_user;
