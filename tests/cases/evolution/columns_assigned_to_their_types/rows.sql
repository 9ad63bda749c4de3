insert into public.notes values (1, 'abcde', '{a,"b c"}', '1010');
