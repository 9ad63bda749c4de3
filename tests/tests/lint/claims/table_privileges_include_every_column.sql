-- A REVOKE on a column does nothing beside a privilege on the table.
grant select on public.notes to authenticated;
grant select (body) on public.notes to authenticated;
revoke select (owner_id) on public.notes from authenticated;
select has_column_privilege('authenticated', 'public.notes', 'owner_id', 'select');
