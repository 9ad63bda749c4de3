-- CREATE OR REPLACE refuses another name of an argument or another result.
create function public.f(a int) returns int language sql as $$ select 1 $$;
select claim.run_as(current_user::text, null, 'create or replace function public.f(b int) returns int language sql as $x$ select 1 $x$') = '42P13'
   and claim.run_as(current_user::text, null, 'create or replace function public.f(a int) returns text language sql as $x$ select null::text $x$') = '42P13';
