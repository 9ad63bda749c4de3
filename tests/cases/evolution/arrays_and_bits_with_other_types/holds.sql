select (a::integer, b::text, sizes) = (5, repeat('0', 29) || '110', 'x') from public.notes where note_id = 1
