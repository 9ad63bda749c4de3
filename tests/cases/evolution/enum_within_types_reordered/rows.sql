insert into public.notes (note_id, body, pair, stated, state) values (gen_random_uuid(), 'a', row('a', 'b')::public.pair, 'a', 'b');
