insert into public.notes values (1, row('a', 'b'), row('c', 'd'), row('e', 'a', 'f')), (2, null, null, null);
