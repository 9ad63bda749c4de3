-- EXECUTE on a new function is PUBLIC's.
create function private.f() returns int language sql as $$ select 1 $$;
create role nobody_yet nologin;
select has_function_privilege('nobody_yet', 'private.f()', 'execute');
