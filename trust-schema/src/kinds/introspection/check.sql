select jsonb_build_object(
    'table', jsonb_build_object('schema', s.nspname, 'name', c.relname),
    'name', k.conname,
    'expression', pg_get_expr(k.conbin, k.conrelid)) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p')
join pg_constraint k on k.conrelid = c.oid and k.contype = 'c'
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
