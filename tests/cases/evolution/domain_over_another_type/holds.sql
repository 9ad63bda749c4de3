select to_jsonb(n) - 'note_id' = '{"email": "a", "work": "b", "emails": ["c", "d"], "counts": [1, 2], "flag": 1}' from public.notes n where n.note_id = 1
