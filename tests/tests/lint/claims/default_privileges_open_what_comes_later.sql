-- A table has them from its first moment.
alter default privileges in schema claim grant select on tables to anon;
create table claim.later (a int);
insert into claim.later values (1);
select claim.run_as('anon', null, 'select from claim.later') = '1';
