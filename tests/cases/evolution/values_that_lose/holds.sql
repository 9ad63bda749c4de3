select to_jsonb(n) - 'note_id' = '{"amount": 1.23, "amounts": [1.23, 2.00], "at": "2024-02-03", "cost": 1.2, "size": 2, "sizes": [2, 2],
    "body": {"a": 2, "b": 3}, "grows": 1.2500, "chosen": 1.23}' from public.notes n where n.note_id = 1
