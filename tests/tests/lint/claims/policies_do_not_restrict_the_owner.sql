-- Row-level security is on, no policy lets anybody in, and the owner sees every row.
select claim.run_as('authenticated', null, 'select from public.notes') = '42501'
   and (select count(*) from public.notes) = 2
   and (select relrowsecurity and not relforcerowsecurity from pg_class where oid = 'public.notes'::regclass);
