-- An index on (a, b) finds by a.
create table public.pairs as select g as a, g % 1000 as b from generate_series(1, 20000) g;
create index pairs_idx on public.pairs (a, b);
analyze public.pairs;
select claim.plan('select * from public.pairs where a = 7') like '%pairs_idx%';
