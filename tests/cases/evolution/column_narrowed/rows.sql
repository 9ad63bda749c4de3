insert into public.notes values (1, 'abc', 'def', '{a,bc}', 123, 'x', '{1,2}'), (2, null, null, null, null, null, null);
