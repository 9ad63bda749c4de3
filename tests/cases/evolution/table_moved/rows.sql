insert into public.people (email) values ('a@example.com'), ('b@example.com');
insert into public.notes (note_id, body, person_id) select gen_random_uuid(), 'text', person_id from public.people;
