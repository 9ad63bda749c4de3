select (select array_agg(level order by note_id) from public.notes) = '{1.0,2.0}' and (select array_agg(code order by code) from public.codes) = '{11,13}'
    and (select array_agg(mood::text) from public.moods) = '{low}' and (select array_agg(kind) from public.kinds) = '{2}'
