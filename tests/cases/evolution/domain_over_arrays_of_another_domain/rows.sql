insert into public.notes values (1, '{1,22}'), (2, null);
