insert into public.notes values (1, row('a')), (2, null);
