-- With an empty path a temporary table is found first; with pg_temp at the end it is not.
create function public.f() returns text language plpgsql security definer set search_path = '' as $$ begin return (select relname from pg_class limit 1); end $$;
create function public.g() returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin return (select relname from pg_class limit 1); end $$;
grant execute on function public.f(), public.g() to authenticated;
set local role authenticated;
create temp table pg_class as select 'forged'::name as relname;
grant all on pg_temp.pg_class to public;
select public.f() = 'forged' and public.g() <> 'forged';
