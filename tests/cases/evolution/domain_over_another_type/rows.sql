insert into public.notes values (1, 'a', 'b', '{c,d}', '{1,2}', true), (2, null, null, null, null, null);
