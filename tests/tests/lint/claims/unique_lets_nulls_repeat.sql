-- NULL differs from NULL in a unique constraint, unless it says otherwise.
create table public.t (a int, b int, unique (a, b));
create table public.u (a int, b int, unique nulls not distinct (a, b));
insert into public.t values (1, null), (1, null);
insert into public.u values (1, null);
select (select count(*) = 2 from public.t)
   and claim.run_as(current_user::text, null, 'insert into public.u values (1, null)') = '23505';
