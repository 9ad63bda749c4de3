-- A table without a key takes equal rows, and a change of one changes both.
create table public.log (message text);
insert into public.log values ('x'), ('x');
select claim.run_as(current_user::text, null, $q$update public.log set message = 'y' where message = 'x'$q$) = '2';
