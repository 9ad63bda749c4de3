-- An index on (a, b) does not find by b alone without reading all of it.
create table public.pairs as select g as a, g % 1000 as b from generate_series(1, 20000) g;
create index pairs_idx on public.pairs (a, b);
analyze public.pairs;
set local enable_indexscan = on;
select claim.plan('select * from public.pairs where a = 7') like '%Index Cond: (a = 7)%';
