-- `'now'::timestamptz` becomes a constant when the table is made.
create table public.t (a timestamptz default 'now'::timestamptz, b timestamptz default now());
select (select pg_get_expr(adbin, adrelid) not like '%now%' from pg_attrdef where adrelid = 'public.t'::regclass and adnum = 1) and (select pg_get_expr(adbin, adrelid) = 'now()' from pg_attrdef where adrelid = 'public.t'::regclass and adnum = 2);
