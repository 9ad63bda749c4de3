-- TRUNCATE asks no policy, and default privileges grant it on new tables in the hardened regime, too.
grant truncate on public.notes to anon;
create table public.fresh (fresh_id int);
create temp table emptied as select claim.run_as('anon', null, $q$truncate public.notes$q$) as state;
select (select state from emptied) = '0' and not exists (select from public.notes) and has_table_privilege('anon', 'public.fresh', 'truncate');
