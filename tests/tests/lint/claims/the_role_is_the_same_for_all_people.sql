-- current_user does not depend on the user.
select 1;
select claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select current_user$q$) = claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000b', $q$select current_user$q$);
