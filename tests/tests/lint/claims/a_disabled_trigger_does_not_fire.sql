-- What it refuses goes in.
create function private.refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
create trigger refuse before update on public.notes for each row execute function private.refuse();
create function claim.refused(p_sql text) returns text language plpgsql as $$ begin execute p_sql; return 'done'; exception when others then return sqlstate; end $$;
create temporary table seen as select claim.refused('update public.notes set shared = false') as answer;
alter table public.notes disable trigger refuse;
select (select answer from seen) = 'P0001' and claim.refused('update public.notes set shared = false') = 'done';
