insert into public.notes (note_id, body) values (gen_random_uuid(), 'a');
insert into public.notes (note_id, body, state) values (gen_random_uuid(), 'b', 'a');
