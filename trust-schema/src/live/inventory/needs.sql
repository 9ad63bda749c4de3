-- What needs what. Internal dependencies tell of parts, which are known as such.
select d.classid::regclass::text, d.objid::int8, d.refclassid::regclass::text, d.refobjid::int8, d.deptype::text = 'a' and d.classid = 'pg_class'::regclass and c.relkind = 'S'
from pg_depend d left join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
where d.objid >= 16384 and (d.refobjid >= 16384 or d.refclassid = 'pg_namespace'::regclass) and d.deptype in ('n', 'a', 'P', 'S')
