-- Whatever comes after it in the same transaction.
create table claim.first (a int);
create table claim.second (a int);
alter table claim.first add column b int;
alter table claim.second add column b int;
create temporary table held as select count(*) as number from pg_locks
  where relation in ('claim.first'::regclass, 'claim.second'::regclass) and mode = 'AccessExclusiveLock' and pid = pg_backend_pid();
select number = 2 from held;
