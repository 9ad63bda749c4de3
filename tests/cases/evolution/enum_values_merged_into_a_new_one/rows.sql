insert into public.notes values (1, 'draft'), (2, 'pending'), (3, 'done');
