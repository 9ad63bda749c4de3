-- Without a column list `select * from f()` is an error.
create function public.f() returns record language sql as $$ select 1, 2 $$;
select claim.run_as(current_user::text, null, 'select * from public.f()') = '42601';
