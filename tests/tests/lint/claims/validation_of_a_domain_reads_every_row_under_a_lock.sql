-- A check of a domain is not added beside writers: every table with such a column is locked against them.
create domain claim.amount as integer;
create table claim.sizes (a claim.amount);
insert into claim.sizes values (1);
alter domain claim.amount add constraint positive check (value > 0);
select exists (select from pg_locks where relation = 'claim.sizes'::regclass and mode = 'ShareLock' and pid = pg_backend_pid());
