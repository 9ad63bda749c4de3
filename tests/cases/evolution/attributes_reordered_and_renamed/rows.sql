insert into public.notes values (1, row('a', 'b', 'c'));
