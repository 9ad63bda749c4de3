-- Of two refusals the one by <> lets NULL pass, as an argument and as the caller; the other one does not.
create function public.unequal(p_owner uuid) returns text language plpgsql as $$
begin if p_owner <> auth.uid() then raise insufficient_privilege; end if; return 'passed'; end $$;
create function public.not_equal(p_owner uuid) returns text language plpgsql as $$
begin if (p_owner = auth.uid()) is not true then raise insufficient_privilege; end if; return 'passed'; end $$;
grant execute on all functions in schema public to authenticated;
select array[
  claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select public.unequal('00000000-0000-0000-0000-00000000000b')$q$),
  claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select public.unequal(null)$q$),
  claim.value_as('authenticated', null, $q$select public.unequal('00000000-0000-0000-0000-00000000000b')$q$),
  claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select public.not_equal(null)$q$),
  claim.value_as('authenticated', null, $q$select public.not_equal('00000000-0000-0000-0000-00000000000b')$q$)
] = array['42501', 'passed', 'passed', '42501', '42501'];
