insert into public.notes values (1, 'a', row('b')), (2, 'B', null);
