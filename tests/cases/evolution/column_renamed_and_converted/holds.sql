select (b, last, long) = (15, 'x', 'x!') from public.papers where note_id = 1
