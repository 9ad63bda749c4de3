-- Who writes the argument is whoever they write.
create function public.f(p uuid default auth.uid()) returns uuid language sql as $$ select p $$;
select claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select public.f('00000000-0000-0000-0000-00000000000b')$q$) = '00000000-0000-0000-0000-00000000000b'
   and claim.value_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select public.f()$q$) = '00000000-0000-0000-0000-00000000000a';
