-- Without an index the check of a DELETE reads the child table.
create table public.parents (parent_id int primary key);
create table public.children (parent_id int references public.parents);
insert into public.parents select generate_series(1, 3000);
insert into public.children select generate_series(2, 3000);
analyze public.children;
select (select claim.plan('select 1 from only public.children x where 1 = x.parent_id for key share of x') like '%Seq Scan on children%');
