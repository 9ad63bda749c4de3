-- Without an ACL of its own an object has PostgreSQL's default one, in which PUBLIC may use types and execute functions: that is what a
-- forgotten REVOKE leaves, so it is read as a grant. The owner's own entries say nothing. Role 0 is PUBLIC.
select jsonb_build_object(
    'target', g.target,
    'grantee', case when g.grantee = 0 then 'public' else pg_get_userbyid(g.grantee)::text end,
    'privileges', coalesce(jsonb_agg(distinct lower(g.privilege)) filter (where g.part is null), '[]'),
    'columns', coalesce((
        select jsonb_object_agg(c.part, c.privileges)
        from (
            select b.part, jsonb_agg(distinct lower(b.privilege)) as privileges
            from jsonb_to_recordset(jsonb_agg(jsonb_build_object('part', g.part, 'privilege', g.privilege)) filter (where g.part is not null))
                as b (part text, privilege text)
            group by b.part) c), '{}'),
    'grantable', coalesce(jsonb_agg(distinct lower(g.privilege)) filter (where g.grantable), '[]')) as payload
from (
    select case c.relkind when 'S' then 'sequence ' when 'v' then 'view ' else 'table ' end
            || quote_ident(s.nspname) || '.' || quote_ident(c.relname) as target,
        a.grantee, a.privilege_type as privilege, a.is_grantable as grantable, null::name as part
    from schemas s
    join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'v', 'S')
    cross join aclexplode(coalesce(c.relacl, acldefault(case when c.relkind = 'S' then 's' else 'r' end::"char", c.relowner))) a
    where a.grantee <> c.relowner
      and not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
    union all
    select case c.relkind when 'v' then 'view ' else 'table ' end || quote_ident(s.nspname) || '.' || quote_ident(c.relname),
        a.grantee, a.privilege_type, a.is_grantable, t.attname
    from schemas s
    join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'v')
    join pg_attribute t on t.attrelid = c.oid and t.attacl is not null and not t.attisdropped
    cross join aclexplode(t.attacl) a
    where a.grantee <> c.relowner
      and not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
    union all
    select 'function ' || quote_ident(s.nspname) || '.' || quote_ident(p.proname) || '(' || coalesce((
            select string_agg(format_type(u.type, null), ', ' order by u.place)
            from unnest(p.proargtypes::oid[]) with ordinality u (type, place)), '') || ')',
        a.grantee, a.privilege_type, a.is_grantable, null
    from schemas s
    join pg_proc p on p.pronamespace = s.oid and p.prokind = 'f'
    cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where a.grantee <> p.proowner
      and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
      and not exists (select from members m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)
    union all
    select case t.typtype when 'e' then 'enum ' when 'd' then 'domain ' else 'composite type ' end
            || quote_ident(s.nspname) || '.' || quote_ident(t.typname),
        a.grantee, a.privilege_type, a.is_grantable, null
    from schemas s
    join pg_type t on t.typnamespace = s.oid
    left join pg_class c on c.oid = t.typrelid
    cross join aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a
    where a.grantee <> t.typowner
      and (t.typtype in ('e', 'd') or c.relkind = 'c')
      and not exists (select from members m where m.classid = 'pg_type'::regclass and m.objid = t.oid)
    union all
    select 'schema ' || quote_ident(s.nspname), a.grantee, a.privilege_type, a.is_grantable, null
    from schemas s
    cross join aclexplode(coalesce(s.nspacl, acldefault('n', s.nspowner))) a
    where a.grantee <> s.nspowner
      and not exists (select from members m where m.classid = 'pg_namespace'::regclass and m.objid = s.oid)) g
group by g.target, g.grantee
