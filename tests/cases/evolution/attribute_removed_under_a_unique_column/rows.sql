insert into public.notes values (1, row(1, 'a')), (2, row(2, 'b')), (3, row(3, 'c'));
