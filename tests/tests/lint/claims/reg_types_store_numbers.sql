-- A regclass is the number of an object, and changes its text with the name.
create table public.t (target regclass);
insert into public.t values ('public.notes');
alter table public.notes rename to renamed;
select (select target::text = 'renamed' and target::oid > 0 from public.t);
