select to_jsonb(account) = '{"name": "a", "address": {"road": "Street", "zip": "1", "at": {"x": 1, "y": 2}}, "others": [{"road": "Other", "zip": "2", "at": null}], "home": null}' from public.people
