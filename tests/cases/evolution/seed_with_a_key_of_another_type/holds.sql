select (select jsonb_object_agg(level, name) from public.levels) = '{"1": "lowest", "3": "high", "4": "highest"}'
    and (select array_agg(level order by note_id) from public.notes) = '{1,3}'
