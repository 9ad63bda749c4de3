-- Without security_invoker a view shows what its owner sees.
grant select, insert, update, delete on public.notes to anon, authenticated;
create view public.v as select * from public.notes;
create view public.w with (security_invoker = true) as select * from public.notes;
grant select on public.v, public.w to authenticated;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.v$q$) = '2'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.w$q$) = '0';
