-- A unique constraint brings an index of its own.
create table public.t (a int unique);
select exists (select from pg_index where indrelid = 'public.t'::regclass and indisunique);
