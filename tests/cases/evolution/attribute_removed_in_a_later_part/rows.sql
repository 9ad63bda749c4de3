insert into public.notes values (1, row('a', 'b'), 'a'), (2, null, null);
