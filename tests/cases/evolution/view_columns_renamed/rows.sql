insert into public.notes values (1, 'short', 'a'), (2, 'a longer text', 'b');
insert into public.marks values (1, 1), (2, 2);
