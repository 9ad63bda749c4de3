insert into public.notes (note_id, body) values (gen_random_uuid(), 'a');
