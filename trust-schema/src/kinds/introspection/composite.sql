select jsonb_build_object(
    'schema', s.nspname,
    'name', c.relname,
    'attributes', (
        select coalesce(jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum), '[]')
        from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind = 'c'
where not exists (select from members m where m.classid = 'pg_type'::regclass and m.objid = c.reltype)
