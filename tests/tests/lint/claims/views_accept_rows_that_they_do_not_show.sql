-- Without CHECK OPTION the WHERE of a view holds for reading only.
create view public.v as select * from public.notes where shared;
create view public.w as select * from public.notes where shared with cascaded check option;
grant insert on public.v, public.w to authenticated;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.v (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', 'x', false)$q$) = '1'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.w (owner_id, tenant_id, body, shared) values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', 'x', false)$q$) = '44000';
