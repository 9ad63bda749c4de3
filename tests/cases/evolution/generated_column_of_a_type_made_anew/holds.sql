select array_agg(n.kind order by n.kind)::text = '{b,a}' from public.notes n
