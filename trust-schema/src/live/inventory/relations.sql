-- Schemas, views, materialised views, sequences and types.
select 'schema', 'pg_namespace', s.oid::int8, 0, s.nspname::text, s.nspname::text, case when s.nspname <> 'public' then 'schema ' || quote_ident(s.nspname) end,
    'CREATE SCHEMA ' || quote_ident(s.nspname), null, pg_get_userbyid(s.nspowner)::text, null, null::int8, 'object'
from schemas s where not exists (select from members m where m.classid = 'pg_namespace'::regclass and m.objid = s.oid)
union all
select case c.relkind when 'v' then 'view' else 'materialized view' end, 'pg_class', c.oid::int8, 0, c.nspname::text, c.relname::text,
    case when c.relkind = 'v' then 'view ' || c.oid::regclass::text end,
    'CREATE ' || case c.relkind when 'v' then 'VIEW ' else 'MATERIALIZED VIEW ' end || c.oid::regclass::text || ' (' || (
            select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) || ')'
        || case when c.relkind = 'v' then coalesce(' WITH (' || (select string_agg(quote_ident(o.option_name) || '=' || quote_literal(o.option_value), ', ') from pg_options_to_table(c.reloptions) o) || ')', '') else '' end
        || ' AS ' || rtrim(pg_get_viewdef(c.oid), ';') || case when c.relkind = 'm' and not c.relispopulated then ' WITH NO DATA' else '' end,
    null, pg_get_userbyid(c.relowner)::text, null, null, 'object'
from relations c where c.relkind in ('v', 'm')
union all
-- The view of a spec is a barrier, or asks for the caller's rights; views of others are mostly neither.
select 'view option', 'pg_class', c.oid::int8, -7, c.nspname::text, c.relname::text, null,
    'ALTER VIEW ' || c.oid::regclass::text || ' RESET (security_barrier)', 'ALTER VIEW ' || c.oid::regclass::text || ' SET (security_barrier = true)', null, 'pg_class', c.oid::int8, 'unless raw'
from relations c
where c.relkind = 'v' and not exists (select from pg_options_to_table(c.reloptions) o where o.option_name in ('security_barrier', 'security_invoker') and lower(o.option_value) in ('true', 'on', 'yes', '1'))
union all
select 'sequence', 'pg_class', c.oid::int8, 0, c.nspname::text, c.relname::text, case when c.relpersistence = 'p' then 'sequence ' || c.oid::regclass::text end,
    'CREATE ' || case c.relpersistence when 'u' then 'UNLOGGED ' else '' end || 'SEQUENCE ' || c.oid::regclass::text || ' AS ' || format_type(q.seqtypid, null) || ' START ' || q.seqstart || ' INCREMENT ' || q.seqincrement
        || ' MINVALUE ' || q.seqmin || ' MAXVALUE ' || q.seqmax || ' CACHE ' || q.seqcache || case when q.seqcycle then ' CYCLE' else '' end,
    null, pg_get_userbyid(c.relowner)::text, null, null, 'object'
from relations c join pg_sequence q on q.seqrelid = c.oid
where not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype = 'i')
union all
select 'owner of a sequence', 'pg_class', c.oid::int8, -8, c.nspname::text, c.relname::text, null,
    'ALTER SEQUENCE ' || c.oid::regclass::text || ' OWNED BY ' || d.refobjid::regclass::text || '.' || quote_ident(a.attname), 'ALTER SEQUENCE ' || c.oid::regclass::text || ' OWNED BY NONE',
    null, 'pg_class', c.oid::int8, 'part'
from relations c join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype = 'a' and d.refobjsubid > 0
join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where c.relkind = 'S'
union all
select case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite type' when 'r' then 'range type' when 'p' then 'shell type' else 'base type' end,
    case t.typtype when 'c' then 'pg_class' else 'pg_type' end, case t.typtype when 'c' then c.oid else t.oid end::int8, 0, t.nspname::text, t.typname::text,
    case when t.typtype = 'e' then 'enum ' || n.name
        when t.typtype = 'c' and not exists (select from pg_attribute a join pg_type u on u.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attcollation <> u.typcollation) then 'composite type ' || n.name
        when t.typtype = 'd' and t.typcollation = b.typcollation and not exists (
            select from pg_constraint k where k.contypid = t.oid and k.contype = 'c' having count(*) > 1 or not bool_and(k.convalidated)) then 'domain ' || n.name end,
    case t.typtype
        when 'e' then 'CREATE TYPE ' || n.name || ' AS ENUM (' || coalesce((select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid), '') || ')'
        when 'c' then 'CREATE TYPE ' || n.name || ' AS (' || coalesce((
            select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attcollation <> u.typcollation then ' COLLATE ' || (
                select quote_ident(kn.nspname) || '.' || quote_ident(k.collname) from pg_collation k join pg_namespace kn on kn.oid = k.collnamespace where k.oid = a.attcollation) else '' end, ', ' order by a.attnum)
            from pg_attribute a join pg_type u on u.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '') || ')'
        when 'd' then 'CREATE DOMAIN ' || n.name || ' AS ' || format_type(t.typbasetype, t.typtypmod) || case when t.typcollation <> b.typcollation then ' COLLATE ' || (
                select quote_ident(kn.nspname) || '.' || quote_ident(k.collname) from pg_collation k join pg_namespace kn on kn.oid = k.collnamespace where k.oid = t.typcollation) else '' end
            || coalesce(' DEFAULT ' || pg_get_expr(t.typdefaultbin, 0), '') || case when t.typnotnull then ' NOT NULL' else '' end || coalesce((
            select string_agg(' CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), '' order by k.conname) from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '')
        when 'r' then (
            select 'CREATE TYPE ' || n.name || ' AS RANGE (SUBTYPE = ' || format_type(r.rngsubtype, null) || case when not o.opcdefault then ', SUBTYPE_OPCLASS = ' || quote_ident(os.nspname) || '.' || quote_ident(o.opcname) else '' end
                || coalesce(', COLLATION = ' || quote_ident(kn.nspname) || '.' || quote_ident(k.collname), '')
                || case when r.rngsubdiff <> 0 then ', SUBTYPE_DIFF = ' || r.rngsubdiff::regproc::text else '' end || ', MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, null) || ')'
            from pg_range r join pg_opclass o on o.oid = r.rngsubopc join pg_namespace os on os.oid = o.opcnamespace
            left join pg_type su on su.oid = r.rngsubtype left join pg_collation k on k.oid = r.rngcollation and r.rngcollation <> su.typcollation left join pg_namespace kn on kn.oid = k.collnamespace where r.rngtypid = t.oid)
        when 'p' then 'CREATE TYPE ' || n.name
        else 'CREATE TYPE ' || n.name || ' (INPUT = ' || t.typinput::oid::regproc::text || ', OUTPUT = ' || t.typoutput::oid::regproc::text || ', INTERNALLENGTH = ' || case when t.typlen = -1 then 'VARIABLE' else t.typlen::text end || ')' end,
    case t.typtype when 'd' then 'DROP DOMAIN ' else 'DROP TYPE ' end || n.name, pg_get_userbyid(t.typowner)::text, null, null,
    case when t.typtype = 'b' then 'report: only a superuser can create a base type' else 'object' end
from types t
left join pg_class c on c.oid = t.typrelid
left join pg_type b on b.oid = t.typbasetype
cross join lateral (select quote_ident(t.nspname) || '.' || quote_ident(t.typname)) n (name)
where ((t.typtype in ('e', 'd', 'r', 'p')) or (t.typtype = 'c' and c.relkind = 'c') or (t.typtype = 'b' and not exists (select from pg_type e where e.typarray = t.oid)))
union all
select 'array type', 'pg_type', a.oid::int8, 0, null, null, null, null, null, null, 'pg_type', t.oid::int8, 'alias' from types t join pg_type a on a.oid = t.typarray where t.typtype <> 'c' and t.typtype <> 'm'
union all
select 'type of a composite', 'pg_type', y.oid::int8, 0, null, null, null, null, null, null, 'pg_class', t.typrelid::int8, 'alias' from types t join pg_type y on y.oid in (t.oid, t.typarray) where t.typtype = 'c'
union all
select 'multirange type', 'pg_type', y.oid::int8, 0, null, null, null, null, null, null, 'pg_type', r.rngtypid::int8, 'alias'
from types t join pg_range r on r.rngmultitypid = t.oid join pg_type y on y.oid in (t.oid, t.typarray)
union all
select 'constraint of a domain', 'pg_constraint', k.oid::int8, 0, null, null, null, null, null, null, 'pg_type', t.oid::int8, 'alias' from types t join pg_constraint k on k.contypid = t.oid
