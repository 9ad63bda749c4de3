-- What extensions bring and a spec may name.
select 'function', p.pronamespace::regnamespace::text, p.proname::text, array(select format_type(t, null) from unnest(p.proargtypes::oid[]) with ordinality u (t, place) order by place), format_type(p.prorettype, null)
from pg_proc p join members m on m.classid = 'pg_proc'::regclass and m.objid = p.oid join pg_namespace n on n.oid = p.pronamespace
where n.nspname <> 'pg_catalog' and p.prokind = 'f' and not p.proretset and p.prorettype not in ('internal'::regtype, 'cstring'::regtype) and not p.proargtypes::oid[] && array['internal'::regtype, 'cstring'::regtype]::oid[]
union all
select 'type', t.typnamespace::regnamespace::text, t.typname::text, '{}', ''
from pg_type t join members m on m.classid = 'pg_type'::regclass and m.objid = t.oid join pg_namespace n on n.oid = t.typnamespace
where n.nspname <> 'pg_catalog' and t.typtype in ('b', 'e', 'd', 'r', 'm') and t.typelem = 0
