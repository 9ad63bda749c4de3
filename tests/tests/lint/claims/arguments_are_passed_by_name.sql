-- An argument without a name cannot be passed by one.
create function public.f(int) returns int language sql as $$ select $1 $$;
create function public.g(p int) returns int language sql as $$ select p $$;
select claim.run_as(current_user::text, null, 'select public.f(p => 1)') = '42883'
   and claim.run_as(current_user::text, null, 'select public.g(p => 1)') = '1';
