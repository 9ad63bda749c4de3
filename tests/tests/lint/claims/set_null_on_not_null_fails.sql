-- The DELETE fails with 23502.
create table public.parents (parent_id int primary key);
create table public.children (parent_id int not null references public.parents on delete set null);
insert into public.parents values (1);
insert into public.children values (1);
select claim.run_as(current_user::text, null, 'delete from public.parents') = '23502';
