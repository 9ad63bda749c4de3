select array_agg(n.kind order by n.kind)::text = '{b,a}' and min(n.label) = 'a' from public.notes n
