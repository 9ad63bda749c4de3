-- json has no equality operator.
create table public.t (payload json);
select claim.run_as(current_user::text, null, 'select distinct payload from public.t') = '42883'
   and claim.run_as(current_user::text, null, 'alter table public.t add unique (payload)') = '42704';
