-- A REVOKE from a role leaves what it has through PUBLIC.
grant select on public.notes to public;
revoke select on public.notes from anon;
select has_table_privilege('anon', 'public.notes', 'select');
