-- Columns of views and attributes of composite types are addressed as columns, as COMMENT ON does.
select jsonb_build_object('target', o.target, 'text', d.description) as payload
from (
    select 'pg_class'::regclass as class, c.oid, 0 as part,
        case c.relkind when 'v' then 'view ' when 'S' then 'sequence ' when 'i' then 'index ' when 'I' then 'index ' else 'table ' end
            || quote_ident(s.nspname) || '.' || quote_ident(c.relname) as target
    from schemas s
    join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'v', 'S', 'i', 'I')
    union all
    select 'pg_class'::regclass, c.oid, a.attnum, 'column ' || quote_ident(s.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname)
    from schemas s
    join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'v', 'c')
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    union all
    select 'pg_constraint'::regclass, k.oid, 0,
        case k.contype when 'p' then 'primary key ' when 'u' then 'unique constraint ' when 'c' then 'check constraint ' else 'foreign key ' end
            || quote_ident(s.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(k.conname)
    from schemas s
    join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p')
    join pg_constraint k on k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f')
    union all
    select 'pg_trigger'::regclass, t.oid, 0, 'trigger ' || quote_ident(s.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(t.tgname)
    from schemas s
    join pg_class c on c.relnamespace = s.oid
    join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
    union all
    select 'pg_policy'::regclass, p.oid, 0, 'policy ' || quote_ident(s.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(p.polname)
    from schemas s
    join pg_class c on c.relnamespace = s.oid
    join pg_policy p on p.polrelid = c.oid
    union all
    select 'pg_proc'::regclass, p.oid, 0, 'function ' || quote_ident(s.nspname) || '.' || quote_ident(p.proname) || '(' || coalesce((
            select string_agg(format_type(u.type, null), ', ' order by u.place)
            from unnest(p.proargtypes::oid[]) with ordinality u (type, place)), '') || ')'
    from schemas s
    join pg_proc p on p.pronamespace = s.oid and p.prokind = 'f'
    where not exists (select from pg_depend i where i.classid = 'pg_proc'::regclass and i.objid = p.oid and i.deptype = 'i')
    union all
    select 'pg_type'::regclass, t.oid, 0,
        case t.typtype when 'e' then 'enum ' when 'd' then 'domain ' else 'composite type ' end || quote_ident(s.nspname) || '.' || quote_ident(t.typname)
    from schemas s
    join pg_type t on t.typnamespace = s.oid
    left join pg_class c on c.oid = t.typrelid
    where t.typtype in ('e', 'd') or c.relkind = 'c'
    union all
    select 'pg_namespace'::regclass, s.oid, 0, 'schema ' || quote_ident(s.nspname)
    from schemas s) o (class, oid, part, target)
join pg_description d on d.classoid = o.class and d.objoid = o.oid and d.objsubid = o.part
where not exists (select from members m where m.classid = o.class and m.objid = o.oid)
