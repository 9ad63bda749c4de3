-- A function with the rights of an owner that bypasses policies sees every row, whoever calls.
create function public.f() returns bigint language sql security definer set search_path = pg_catalog, pg_temp as $$ select count(*) from public.notes $$;
grant execute on function public.f() to anon;
grant select, insert, update, delete on public.notes to anon, authenticated;
select claim.value_as('anon', null, $q$select public.f()$q$) = '2'
   and claim.run_as('anon', null, $q$select * from public.notes$q$) = '0';
