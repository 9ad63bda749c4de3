insert into public.notes (note_id, body) values (gen_random_uuid(), 'a'), (gen_random_uuid(), 'b');
update public.notes set size = 5, at = '2026-01-01T00:00:00Z', state = 'on' where body = 'a';
