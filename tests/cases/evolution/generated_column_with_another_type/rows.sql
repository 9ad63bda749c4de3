insert into public.notes (note_id, size, flags, text) values (1, 1.28, '10101010', '1011'), (2, null, null, null);
