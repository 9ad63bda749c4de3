-- After a local SET has ended, the setting is an empty text, which does not cast.
savepoint s;
set local app.tenant_id = 'x';
rollback to s;
select current_setting('app.tenant_id', true) = ''
   and claim.run_as(current_user::text, null, $q$select current_setting('app.tenant_id', true)::uuid$q$) = '22P02';
