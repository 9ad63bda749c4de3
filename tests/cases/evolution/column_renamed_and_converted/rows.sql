insert into public.notes values (1, '5', 'x'), (2, null, null);
