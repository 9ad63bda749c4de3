-- `user` without quotes is the role.
create table public.t ("user" text);
insert into public.t values ('anna');
select (select (select user) = current_user and "user" = 'anna' and t.user = 'anna' from public.t);
