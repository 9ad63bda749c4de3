-- NOT NULL is an attribute of the type in every version, and in some a constraint too: only checks are listed.
select jsonb_build_object(
    'schema', s.nspname,
    'name', t.typname,
    'base', format_type(t.typbasetype, t.typtypmod),
    'not_null', t.typnotnull,
    'default', pg_get_expr(t.typdefaultbin, 0),
    'checks', (
        select coalesce(jsonb_agg(jsonb_build_array(c.conname, pg_get_expr(c.conbin, 0)) order by c.conname), '[]')
        from pg_constraint c
        where c.contypid = t.oid and c.contype = 'c')) as payload
from schemas s
join pg_type t on t.typnamespace = s.oid and t.typtype = 'd'
where not exists (select from members m where m.classid = 'pg_type'::regclass and m.objid = t.oid)
