-- An integer identity ends after 2147483647.
create table public.t (t_id int generated always as identity (start with 2147483647), body text);
insert into public.t (body) values (1);
select claim.run_as(current_user::text, null, 'insert into public.t (body) values (2)') = '2200H';
