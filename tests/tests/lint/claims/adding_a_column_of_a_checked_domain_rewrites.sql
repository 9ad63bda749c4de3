-- ADD COLUMN of a domain with a check rewrites the table.
create domain public.positive as int check (value > 0);
create table public.t (a int);
insert into public.t values (1);
create temp table f as select pg_relation_filenode('public.t') as node;
alter table public.t add column b public.positive;
create temp table g as select pg_relation_filenode('public.t') as node;
alter table public.t add column c int;
select (select f.node <> g.node and g.node = pg_relation_filenode('public.t') from f, g);
