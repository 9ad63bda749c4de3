-- REVOKE FROM PUBLIC in the default privileges of one schema does nothing.
alter default privileges in schema private revoke execute on functions from public;
create function private.f() returns int language sql as $$ select 1 $$;
create role nobody_yet nologin;
select has_function_privilege('nobody_yet', 'private.f()', 'execute');
