insert into public.notes values (1, row('a', 'b'), '(c,d)', row('e', 'f'));
