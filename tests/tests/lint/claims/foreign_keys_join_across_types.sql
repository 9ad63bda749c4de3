-- PostgreSQL accepts an integer that refers to a bigint: rows beyond cannot be referred to.
create table public.a (a_id bigint primary key);
create table public.b (a_id int references public.a);
insert into public.a values (3000000000);
select claim.run_as(current_user::text, null, 'insert into public.b values (3000000000)') = '22003';
