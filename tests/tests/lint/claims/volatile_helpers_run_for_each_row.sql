-- A bare VOLATILE helper runs once for each row, and no index serves it; a STABLE one is served.
grant select, insert, update, delete on public.notes to anon, authenticated;
create sequence private.calls;
create function private.helper() returns uuid language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$ begin perform nextval('private.calls'); return auth.uid(); end $$;
grant execute on function private.helper() to authenticated;
create policy p on public.notes  for select to authenticated using (owner_id = private.helper());
set local enable_indexscan = off;
set local enable_bitmapscan = off;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$);
create function private.stable() returns uuid language plpgsql stable as $$ begin return auth.uid(); end $$;
set local enable_indexscan = on;
set local enable_bitmapscan = on;
set local enable_seqscan = off;
select (select last_value = 2 from private.calls)
   and claim.plan('select * from public.notes where owner_id = private.helper()') not like '%Index Cond%'
   and claim.plan('select * from public.notes where owner_id = private.stable()') like '%Index Cond%';
