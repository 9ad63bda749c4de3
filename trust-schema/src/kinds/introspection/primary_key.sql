select jsonb_build_object(
    'table', jsonb_build_object('schema', s.nspname, 'name', c.relname),
    'name', k.conname,
    'columns', (
        select jsonb_agg(a.attname order by u.place)
        from unnest(k.conkey) with ordinality u (number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number)) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p')
join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
