-- It shows everybody's rows to whoever may read it, and takes neither policies nor row-level security.
create materialized view public.copies as select * from public.notes;
grant select on public.copies to anon;
create function claim.refused(p_sql text) returns text language plpgsql as $$ begin execute p_sql; return 'done'; exception when others then return sqlstate; end $$;
select claim.run_as('anon', null, 'select from public.copies') = '2'
   and claim.refused('alter table public.copies enable row level security') = '42809'
   and claim.refused('create policy p on public.copies using (false)') = '42809';
