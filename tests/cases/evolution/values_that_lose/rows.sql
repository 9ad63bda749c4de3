insert into public.notes values
    (1, 1.2345, '{1.2345,2}', '2024-02-03 04:05:06+00', 1.2345, 1.6, '{1.6,2}', '{"b": 1, "a": 2, "b": 3}', 1.25, 1.239),
    (2, null, null, null, null, null, null, null, null, null);
