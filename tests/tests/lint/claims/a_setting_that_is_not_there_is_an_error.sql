-- current_setting with one argument is 42704.
select 1;
select claim.run_as(current_user::text, null, $q$select current_setting('app.nowhere')$q$) = '42704' and current_setting('app.nowhere', true) is null;
