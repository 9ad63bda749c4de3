insert into public.notes (note_id, body, title) values (gen_random_uuid(), 'a', 't');
