-- Old rows that break it stay, new ones are refused.
create function claim.refused(p_sql text) returns text language plpgsql as $$ begin execute p_sql; return 'done'; exception when others then return sqlstate; end $$;
alter table public.notes add constraint never check (false) not valid;
create temporary table seen as select count(*) as rows from public.notes;
select (select rows from seen) = 2
   and claim.refused('insert into public.notes (owner_id, tenant_id, body, shared) select gen_random_uuid(), gen_random_uuid(), $b$c$b$, false') = '23514'
   and claim.refused('alter table public.notes validate constraint never') = '23514';
