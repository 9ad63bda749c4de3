-- With its owner's rights: no policy is asked, and EXECUTE is PUBLIC's unless it is revoked.
create procedure public.tidy() language sql security definer as 'delete from public.notes';
grant execute on procedure public.tidy() to anon;
select claim.run_as('anon', null, 'call public.tidy()');
select (select count(*) from public.notes) = 0
   and exists (select from aclexplode(acldefault('f', current_user::regrole)) where grantee = 0 and privilege_type = 'EXECUTE');
