select jsonb_build_object(
    'schema', s.nspname,
    'name', c.relname,
    'unlogged', c.relpersistence = 'u',
    'row_level_security', c.relrowsecurity,
    'force_row_level_security', c.relforcerowsecurity) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p')
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
