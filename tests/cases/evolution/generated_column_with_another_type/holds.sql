select (twice, flags::text, text::text) = (2.6, '10101010', '1011') from public.notes where note_id = 1
