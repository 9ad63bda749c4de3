-- A name with capitals is another one than without quotes.
create table public."Items" (a int);
create table public.items (a int);
insert into public."Items" values (1);
select (select count(*) = 0 from public.Items);
