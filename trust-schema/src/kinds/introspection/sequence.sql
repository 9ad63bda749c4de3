-- Stand-alone ones: the sequence of an identity column depends on it internally.
select jsonb_build_object(
    'schema', s.nspname,
    'name', c.relname,
    'data_type', format_type(q.seqtypid, null),
    'start', q.seqstart,
    'increment', q.seqincrement,
    'minimum', q.seqmin,
    'maximum', q.seqmax,
    'cache', q.seqcache,
    'cycle', q.seqcycle) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind = 'S'
join pg_sequence q on q.seqrelid = c.oid
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype = 'i')
