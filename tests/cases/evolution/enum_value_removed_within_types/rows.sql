insert into public.notes (note_id) values (gen_random_uuid());
insert into public.notes (note_id, state, stated, list, states, pair, nested) values (gen_random_uuid(), 'c', 'c', '{c,a,NULL}', '{a,c}', row('c', 'c', '{c,b}', 1), row(row('a', 'c', '{c}', null), '{c}', 'c'));
insert into public.notes (note_id, pair, nested) values (gen_random_uuid(), row(null, null, null, null), row(null, null, 'c'));
