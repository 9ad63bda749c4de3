select to_jsonb(n) - 'note_id' = '{"writer": {"last": "b", "given": "a", "third": "c"}}' from public.notes n
