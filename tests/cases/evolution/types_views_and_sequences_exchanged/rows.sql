insert into public.notes (text, pair, states) values ('a', '(1)', '{open}'), ('b', '(2)', null);
