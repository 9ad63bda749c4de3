-- A second overload with a default makes calls of the first one fail.
create function public.f(a int) returns int language sql as $$ select 1 $$;
create function public.f(a int, b int default 2) returns int language sql as $$ select 2 $$;
select claim.run_as(current_user::text, null, 'select public.f(a => 1)') in ('42725', '1')
   and claim.run_as(current_user::text, null, 'select public.f(1, 2)') = '1';
