insert into public.notes (note_id, pair, checked) values (1, row('a', 'b'), row('c', 'd')), (2, null, null);
