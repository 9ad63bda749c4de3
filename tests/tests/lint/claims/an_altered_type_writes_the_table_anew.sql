-- Another file holds the rows afterwards; a longer varchar needs none.
create table claim.sizes (a integer, b varchar(20));
create temporary table files as select pg_relation_filenode('claim.sizes') as first, 0::oid as longer, 0::oid as wider;
alter table claim.sizes alter column b type varchar(40);
update files set longer = pg_relation_filenode('claim.sizes');
alter table claim.sizes alter column a type bigint;
update files set wider = pg_relation_filenode('claim.sizes');
select first = longer and longer <> wider from files;
