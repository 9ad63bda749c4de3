insert into public.notes (note_id, pair) values (1, row(1, 2, 'a')), (2, null);
