-- Tables of every kind. A partition is made alone and attached when its parent's keys are there: so its own keep their names.
select case when c.relkind = 'f' then 'foreign table' when c.relkind = 'p' then 'partitioned table' when c.relispartition then 'partition' else 'table' end,
    'pg_class', c.oid::int8, 0, c.nspname::text, c.relname::text,
    case when c.relkind = 'r' and not c.relispartition and c.reloftype = 0 and coalesce(m.amname, 'heap') = 'heap' and c.reltablespace = 0
        and c.relpersistence in ('p', 'u') and not exists (select from pg_inherits i where i.inhrelid = c.oid)
        and not exists (
            select from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_collation k on k.oid = a.attcollation
            left join pg_depend d on a.attidentity <> '' and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum and d.deptype = 'i'
                and d.classid = 'pg_class'::regclass
            left join pg_sequence q on q.seqrelid = d.objid
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              and (a.attgenerated = 'v' or (a.attcollation <> t.typcollation and k.collnamespace <> 'pg_catalog'::regnamespace)
                or (a.attidentity <> '' and (q.seqstart, q.seqincrement, q.seqmin, q.seqcache, q.seqcycle, q.seqtypid) is distinct from (1, 1, 1, 1, false, a.atttypid))
                or (a.attidentity <> '' and d.objid::regclass::text <> quote_ident(c.nspname) || '.' || quote_ident(left(c.relname || '_' || a.attname || '_seq', 63)))))
        then 'table ' || c.oid::regclass::text end,
    'CREATE ' || case c.relpersistence when 'u' then 'UNLOGGED ' else '' end || case when c.relkind = 'f' then 'FOREIGN ' else '' end || 'TABLE ' || c.oid::regclass::text
        || case when c.reloftype <> 0 then ' OF ' || format_type(c.reloftype, null) else ' (' || concat_ws(', ', (
            select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                || case when a.attfdwoptions is not null then ' OPTIONS (' || (select string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', ') from pg_options_to_table(a.attfdwoptions) o) || ')' else '' end
                || case when a.attcollation <> t.typcollation and a.attcollation <> 0 then ' COLLATE ' || (
                    select quote_ident(kn.nspname) || '.' || quote_ident(k.collname) from pg_collation k join pg_namespace kn on kn.oid = k.collnamespace where k.oid = a.attcollation) else '' end
                || coalesce((
                    select ' GENERATED ' || case a.attidentity when 'a' then 'ALWAYS' else 'BY DEFAULT' end || ' AS IDENTITY (SEQUENCE NAME ' || q.seqrelid::regclass::text
                        || ' START ' || q.seqstart || ' INCREMENT ' || q.seqincrement || ' MINVALUE ' || q.seqmin || ' MAXVALUE ' || q.seqmax || ' CACHE ' || q.seqcache
                        || case when q.seqcycle then ' CYCLE' else '' end || ')'
                    from pg_depend d join pg_sequence q on q.seqrelid = d.objid
                    where a.attidentity <> '' and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid
                      and d.refobjsubid = a.attnum and d.deptype = 'i'), '')
                || case when a.attgenerated <> '' then ' GENERATED ALWAYS AS (' || pg_get_expr(e.adbin, e.adrelid) || ') ' || case a.attgenerated when 's' then 'STORED' else 'VIRTUAL' end else '' end
                || case when a.attnotnull then ' NOT NULL' else '' end, ', ' order by a.attnum)
            from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and (a.attislocal or c.relispartition)), (
            -- Attaching asks for the parent's checks.
            select string_agg('CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), ', ' order by k.conname)
            from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and not k.conislocal and c.relispartition)) || ')' end
        || case when c.relispartition then '' else coalesce((
            select ' INHERITS (' || string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) || ')' from pg_inherits i where i.inhrelid = c.oid), '') end
        || coalesce(' PARTITION BY ' || pg_get_partkeydef(c.oid), '')
        || case when m.amname <> 'heap' and c.relkind = 'r' then ' USING ' || quote_ident(m.amname) else '' end
        || coalesce(' TABLESPACE ' || (select quote_ident(p.spcname) from pg_tablespace p where p.oid = c.reltablespace), '')
        || coalesce((
            select ' SERVER ' || quote_ident(v.srvname) || coalesce(' OPTIONS (' || (select string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', ') from pg_options_to_table(f.ftoptions) o) || ')', '')
            from pg_foreign_table f join pg_foreign_server v on v.oid = f.ftserver where f.ftrelid = c.oid), ''),
    null, pg_get_userbyid(c.relowner)::text, null, null::int8, 'object'
from relations c left join pg_am m on m.oid = c.relam
where c.relkind in ('r', 'p', 'f')
union all
select 'attachment of a partition', 'pg_class', c.oid::int8, -1, c.nspname::text, c.relname::text, null,
    'ALTER TABLE ONLY ' || i.inhparent::regclass::text || ' ATTACH PARTITION ' || c.oid::regclass::text || ' ' || pg_get_expr(c.relpartbound, c.oid),
    'ALTER TABLE ONLY ' || i.inhparent::regclass::text || ' DETACH PARTITION ' || c.oid::regclass::text, null, 'pg_class', c.oid::int8, 'part'
from relations c join pg_inherits i on i.inhrelid = c.oid
where c.relispartition and c.relkind in ('r', 'p', 'f')
union all
select 'row-level security', 'pg_class', c.oid::int8, case when w.forced then -3 else -2 end, c.nspname::text, c.relname::text, null,
    'ALTER TABLE ' || c.oid::regclass::text || case when w.forced then ' FORCE' when c.relrowsecurity then ' ENABLE' else ' DISABLE' end || ' ROW LEVEL SECURITY',
    'ALTER TABLE ' || c.oid::regclass::text || case when w.forced then ' NO FORCE' when c.relrowsecurity then ' DISABLE' else ' ENABLE' end || ' ROW LEVEL SECURITY',
    null, 'pg_class', c.oid::int8, 'part'
from relations c cross join (values (false), (true)) w (forced)
where c.relkind in ('r', 'p') and (not w.forced or c.relforcerowsecurity)
union all
select 'default', 'pg_attrdef', d.oid::int8, 0, c.nspname::text, a.attname::text, null,
    'ALTER ' || case when c.relkind = 'v' then 'VIEW ' else 'TABLE ' end || c.oid::regclass::text || ' ALTER COLUMN ' || quote_ident(a.attname) || ' SET DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
    'ALTER ' || case when c.relkind = 'v' then 'VIEW ' else 'TABLE ' end || c.oid::regclass::text || ' ALTER COLUMN ' || quote_ident(a.attname) || ' DROP DEFAULT',
    null, 'pg_class', c.oid::int8, 'part'
from relations c join pg_attribute a on a.attrelid = c.oid join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attgenerated = '' and c.relkind in ('r', 'p', 'f', 'v')
union all
select 'generated column', 'pg_attrdef', d.oid::int8, 0, null, null, null, null, null, null, 'pg_class', d.adrelid::int8, 'alias'
from relations c join pg_attribute a on a.attrelid = c.oid join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attgenerated <> ''
union all
select 'options', 'pg_class', c.oid::int8, -4, c.nspname::text, c.relname::text, null,
    'ALTER ' || w.word || ' ' || c.oid::regclass::text || ' SET (' || o.list || ')', 'ALTER ' || w.word || ' ' || c.oid::regclass::text || ' RESET (' || o.names || ')',
    null, 'pg_class', c.oid::int8, 'part'
from relations c
cross join lateral (select case c.relkind when 'm' then 'MATERIALIZED VIEW' when 'i' then 'INDEX' when 'I' then 'INDEX' else 'TABLE' end) w (word)
left join pg_class x on x.oid = c.reltoastrelid
cross join lateral (
    select string_agg(u.name || '=' || quote_literal(u.value), ', ' order by u.part, u.place), string_agg(u.name, ', ' order by u.part, u.place)
    from (select 1, o.place, quote_ident(o.option_name), o.option_value from pg_options_to_table(c.reloptions) with ordinality o (option_name, option_value, place)
        union all select 2, o.place, 'toast.' || quote_ident(o.option_name), o.option_value from pg_options_to_table(x.reloptions) with ordinality o (option_name, option_value, place)) u (part, place, name, value)) o (list, names)
where c.relkind in ('r', 'p', 'm') and o.list is not null
union all
select 'replica identity', 'pg_class', c.oid::int8, -5, c.nspname::text, c.relname::text, null,
    'ALTER TABLE ' || c.oid::regclass::text || ' REPLICA IDENTITY ' || case c.relreplident when 'f' then 'FULL' when 'n' then 'NOTHING' else 'USING INDEX ' || (
        select quote_ident(x.relname) from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid and i.indisreplident limit 1) end,
    'ALTER TABLE ' || c.oid::regclass::text || ' REPLICA IDENTITY DEFAULT', null, 'pg_class', c.oid::int8, 'part'
from relations c where c.relkind in ('r', 'p') and c.relreplident <> 'd'
union all
select 'clustering', 'pg_class', c.oid::int8, -6, c.nspname::text, c.relname::text, null,
    'ALTER TABLE ' || c.oid::regclass::text || ' CLUSTER ON ' || quote_ident(x.relname), 'ALTER TABLE ' || c.oid::regclass::text || ' SET WITHOUT CLUSTER', null, 'pg_class', c.oid::int8, 'part'
from relations c join pg_index i on i.indrelid = c.oid and i.indisclustered join pg_class x on x.oid = i.indexrelid
union all
select 'column option', 'pg_class', c.oid::int8, 10000 * o.what + a.attnum, c.nspname::text, a.attname::text, null,
    'ALTER ' || w.word || ' ' || c.oid::regclass::text || ' ALTER COLUMN ' || quote_ident(a.attname) || ' SET ' || o.up,
    'ALTER ' || w.word || ' ' || c.oid::regclass::text || ' ALTER COLUMN ' || quote_ident(a.attname) || ' ' || o.down, null, 'pg_class', c.oid::int8, 'part'
from relations c
cross join lateral (select case c.relkind when 'm' then 'MATERIALIZED VIEW' when 'f' then 'FOREIGN TABLE' else 'TABLE' end) w (word)
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
cross join lateral (
    select 1, 'STORAGE ' || case a.attstorage when 'p' then 'PLAIN' when 'e' then 'EXTERNAL' when 'm' then 'MAIN' else 'EXTENDED' end,
        'SET STORAGE ' || case t.typstorage when 'p' then 'PLAIN' when 'e' then 'EXTERNAL' when 'm' then 'MAIN' else 'EXTENDED' end where a.attstorage <> t.typstorage
    union all select 2, 'COMPRESSION ' || case a.attcompression when 'l' then 'lz4' else 'pglz' end, 'SET COMPRESSION default' where a.attcompression <> ''
    union all select 3, 'STATISTICS ' || a.attstattarget, 'SET STATISTICS -1' where coalesce(a.attstattarget, -1) >= 0
    -- `pg_attver` is the server's own: the minor releases of November 2026 stamp every column with it.
    union all select 4, '(' || string_agg(p, ', ') || ')', 'RESET (' || string_agg(split_part(p, '=', 1), ', ') || ')' from unnest(a.attoptions) p where p not like 'pg\_attver=%' having count(*) > 0) o (what, up, down)
where c.relkind in ('r', 'p', 'm', 'f')
union all
select 'relation of the system', 'pg_class', c.oid::int8, 0, null, null, null, null, null, null, 'pg_class', t.oid::int8, 'alias'
from relations t join pg_class x on x.oid = t.reltoastrelid left join pg_index i on i.indrelid = x.oid join pg_class c on c.oid in (x.oid, i.indexrelid)
union all
select 'sequence of an identity column', 'pg_class', q.oid::int8, 0, null, null, null, q.oid::regclass::text, null, null, 'pg_class', d.refobjid::int8, 'alias'
from relations q join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = q.oid and d.refclassid = 'pg_class'::regclass and d.deptype = 'i'
where q.relkind = 'S'
