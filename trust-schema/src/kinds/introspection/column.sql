-- Dropped columns keep their number: the position is counted without them. The collation is named where it is not the type's own.
select jsonb_build_object(
    'table', jsonb_build_object('schema', s.nspname, 'name', c.relname),
    'name', a.attname,
    'position', row_number() over (partition by a.attrelid order by a.attnum),
    'data_type', format_type(a.atttypid, a.atttypmod),
    'not_null', a.attnotnull,
    'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
    'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by_default' end,
    'identity_sequence', case when a.attidentity <> '' then (
        select jsonb_build_object('schema', qn.nspname, 'name', q.relname)
        from pg_depend i
        join pg_class q on q.oid = i.objid and q.relkind = 'S'
        join pg_namespace qn on qn.oid = q.relnamespace
        where i.classid = 'pg_class'::regclass and i.refclassid = 'pg_class'::regclass
          and i.refobjid = a.attrelid and i.refobjsubid = a.attnum and i.deptype = 'i') end,
    'generated', case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end,
    'collation', case when a.attcollation <> t.typcollation then (
        select case when k.collnamespace = 'pg_catalog'::regnamespace then k.collname::text
            else quote_ident(kn.nspname) || '.' || quote_ident(k.collname) end
        from pg_collation k
        join pg_namespace kn on kn.oid = k.collnamespace
        where k.oid = a.attcollation) end) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p')
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
