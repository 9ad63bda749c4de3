insert into public.notes values (1, row('a', 'b'), row('c', 'd', 'e'), row('f', null), row('g', 'h'));
