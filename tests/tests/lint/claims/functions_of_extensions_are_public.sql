-- Functions of an extension may be called by PUBLIC.
create extension if not exists citext schema public;
create role nobody_yet nologin;
select has_function_privilege('nobody_yet', 'public.citext_eq(public.citext, public.citext)', 'execute');
