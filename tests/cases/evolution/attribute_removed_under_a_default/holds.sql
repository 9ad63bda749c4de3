select array_agg(n.word || n.retyped order by n.note_id) = '{b7,b7}' from public.notes n
