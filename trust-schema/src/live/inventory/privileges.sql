-- Who may do what, entry by entry; without an ACL of its own an object has PostgreSQL's default one. The owner's own entries say nothing.
select o.catalog, o.oid::int8, o.target, coalesce(o.col, ''), case when a.grantee = 0 then '' else pg_get_userbyid(a.grantee)::text end, a.privilege_type::text, a.is_grantable, a.grantor = o.owner
from (
    select 'pg_class', c.oid, case c.relkind when 'S' then 'SEQUENCE ' else 'TABLE ' end || c.oid::regclass::text, null::text, coalesce(c.relacl, acldefault(case when c.relkind = 'S' then 's' else 'r' end::"char", c.relowner)), c.relowner
    from relations c where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 'pg_class', c.oid, 'TABLE ' || c.oid::regclass::text, a.attname::text, a.attacl, c.relowner
    from relations c join pg_attribute a on a.attrelid = c.oid and a.attacl is not null and not a.attisdropped
    union all
    select 'pg_proc', p.oid, case p.prokind when 'p' then 'PROCEDURE ' else 'FUNCTION ' end || p.oid::regprocedure::text, null, coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner from routines p
    union all
    select case when t.typtype = 'c' then 'pg_class' else 'pg_type' end, case when t.typtype = 'c' then t.typrelid else t.oid end,
        case t.typtype when 'd' then 'DOMAIN ' else 'TYPE ' end || quote_ident(t.nspname) || '.' || quote_ident(t.typname), null, coalesce(t.typacl, acldefault('T', t.typowner)), t.typowner
    from types t left join pg_class c on c.oid = t.typrelid
    where (t.typtype in ('e', 'd', 'r', 'b') and not exists (select from pg_type e where e.typarray = t.oid)) or (t.typtype = 'c' and c.relkind = 'c')
    union all
    select 'pg_namespace', s.oid, 'SCHEMA ' || quote_ident(s.nspname), null, coalesce(s.nspacl, acldefault('n', s.nspowner)), s.nspowner
    from schemas s where not exists (select from members m where m.classid = 'pg_namespace'::regclass and m.objid = s.oid)
    union all
    select 'pg_foreign_server', f.oid, 'FOREIGN SERVER ' || quote_ident(f.srvname), null, f.srvacl, f.srvowner from pg_foreign_server f where f.srvacl is not null
    ) o (catalog, oid, target, col, acl, owner)
cross join aclexplode(o.acl) a
where a.grantee <> o.owner
union all
select 'pg_default_acl', d.oid::int8, case d.defaclobjtype when 'r' then 'TABLES' when 'S' then 'SEQUENCES' when 'f' then 'FUNCTIONS' when 'T' then 'TYPES' when 'n' then 'SCHEMAS' else 'LARGE OBJECTS' end,
    coalesce(' IN SCHEMA ' || quote_ident(n.nspname), ''), case when a.grantee = 0 then '' else pg_get_userbyid(a.grantee)::text end, a.privilege_type, a.is_grantable, true
from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace cross join lateral aclexplode(d.defaclacl) a where a.grantee <> d.defaclrole
