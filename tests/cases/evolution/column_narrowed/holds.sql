select to_jsonb(n) - 'note_id' = '{"c1": "abc", "c2": "def", "c3": ["a", "bc"], "c4": "123", "c5": "x", "c6": "{1,2}"}' from public.notes n where n.note_id = 1
