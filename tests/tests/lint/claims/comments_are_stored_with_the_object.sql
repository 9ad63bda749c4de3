-- A comment is read back from the catalog.
comment on table public.notes is 'Notes.';
select obj_description('public.notes'::regclass) = 'Notes.';
