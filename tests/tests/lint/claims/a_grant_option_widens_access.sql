-- Who may pass a privilege on does.
grant select on public.notes to authenticated with grant option;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$grant select on public.notes to anon$q$);
select has_table_privilege('anon', 'public.notes', 'select');
