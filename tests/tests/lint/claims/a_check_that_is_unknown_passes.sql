-- A check refuses only what is false.
create table public.t (a int check (a = null), b int check (b = b));
insert into public.t values (1, null), (2, 2);
select (select count(*) = 2 from public.t);
