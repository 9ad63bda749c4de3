insert into public.notes values (1, 1), (2, 2);
