insert into public.parents values ('{1,2}');
insert into public.notes (note_id, ids, a, b, size) values (1, '{1,2}', 5, 6, 'x'), (2, '{1,2}', null, null, null);
