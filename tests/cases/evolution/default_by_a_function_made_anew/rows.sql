insert into public.notes values (1, 'a'); insert into public.notes values (2);
