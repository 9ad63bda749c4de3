-- Added again, it is empty.
alter table public.notes drop column body;
alter table public.notes add column body text;
select count(*) = 2 and count(body) = 0 from public.notes;
