, grantees as (
    select 0::oid as oid, 'public'::text as name union all select r.oid, r.rolname::text from pg_roles r
), relations as (
    select c.oid, s.nspname, c.relname, c.relkind, c.relowner, coalesce(c.relacl, acldefault('r', c.relowner)) as acl
    from schemas s join pg_class c on c.relnamespace = s.oid
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
), holders as (
    select r.oid, g.name, a.privilege_type from relations r, aclexplode(r.acl) a join grantees g on g.oid = a.grantee where a.grantee <> r.relowner
    union
    select r.oid, g.name, a.privilege_type from relations r join pg_attribute t on t.attrelid = r.oid, aclexplode(t.attacl) a join grantees g on g.oid = a.grantee
    where a.grantee <> r.relowner
)
select jsonb_build_object(
    'relations', (select coalesce(jsonb_agg(jsonb_build_object('schema', r.nspname, 'name', r.relname,
            'kind', case r.relkind when 'm' then 'materialized_view' else 'foreign_table' end,
            'readers', array(select h.name from holders h where h.oid = r.oid and h.privilege_type = 'SELECT' order by 1),
            'writers', array(select distinct h.name from holders h where h.oid = r.oid and h.privilege_type in ('INSERT', 'UPDATE', 'DELETE') order by 1))
            order by r.nspname, r.relname), '[]') from relations r where r.relkind in ('m', 'f')),
    'procedures', (select coalesce(jsonb_agg(jsonb_build_object('schema', s.nspname, 'name', p.proname,
            'arguments', array(select format_type(t.type, null) from unnest(p.proargtypes) with ordinality t(type, place) order by t.place), 'is_definer', p.prosecdef,
            'callers', array(select g.name from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a join grantees g on g.oid = a.grantee where a.grantee <> p.proowner order by 1))
            order by s.nspname, p.proname, p.oid), '[]')
        from schemas s join pg_proc p on p.pronamespace = s.oid and p.prokind = 'p'
        where not exists (select from members m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)),
    'roles', (select coalesce(jsonb_agg(jsonb_build_object('name', r.rolname, 'is_superuser', r.rolsuper, 'bypasses_row_security', r.rolbypassrls) order by r.rolname), '[]')
        from pg_roles r where r.rolname !~ '^pg_'),
    -- A superuser is a member of every role.
    'memberships', (select coalesce(jsonb_agg(jsonb_build_object('member', m.rolname, 'role', r.rolname, 'inherits', pg_has_role(m.oid, r.oid, 'USAGE')) order by m.rolname, r.rolname), '[]')
        from pg_roles m join pg_roles r on r.oid <> m.oid and pg_has_role(m.oid, r.oid, 'MEMBER') where not m.rolsuper and m.rolname !~ '^pg_'),
    'default_privileges', (select coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname,
            'objects', case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end,
            'grantee', g.name, 'privileges', g.privileges) order by pg_get_userbyid(d.defaclrole), n.nspname, d.defaclobjtype, g.name), '[]')
        from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
        cross join lateral (select w.name, array_agg(distinct a.privilege_type order by a.privilege_type) as privileges
            from aclexplode(d.defaclacl) a join grantees w on w.oid = a.grantee
            -- Versions before 17 know no MAINTAIN; who has it has the others.
            where a.grantee <> d.defaclrole and a.privilege_type <> 'MAINTAIN' group by w.name) g),
    'publications', (select coalesce(jsonb_agg(jsonb_build_object('publication', p.pubname, 'schema', p.schemaname, 'name', p.tablename) order by p.pubname, p.schemaname, p.tablename), '[]')
        from pg_publication_tables p where p.schemaname in (select nspname from schemas)),
    'not_validated', (select coalesce(jsonb_agg(jsonb_build_object('schema', r.nspname, 'name', r.relname, 'part', c.conname,
            'word', case c.contype when 'f' then 'foreign_key' else 'check' end) order by r.nspname, r.relname, c.conname), '[]')
        from relations r join pg_constraint c on c.conrelid = r.oid where not c.convalidated and c.contype in ('c', 'f') and c.conparentid = 0),
    'disabled_triggers', (select coalesce(jsonb_agg(jsonb_build_object('schema', r.nspname, 'name', r.relname, 'part', t.tgname, 'word', 'trigger') order by r.nspname, r.relname, t.tgname), '[]')
        from relations r join pg_trigger t on t.tgrelid = r.oid where not t.tgisinternal and t.tgenabled = 'D'),
    'rewrite_rules', (select coalesce(jsonb_agg(jsonb_build_object('schema', r.nspname, 'name', r.relname, 'part', w.rulename, 'word', 'rule') order by r.nspname, r.relname, w.rulename), '[]')
        from relations r join pg_rewrite w on w.ev_class = r.oid where w.rulename <> '_RETURN'),
    'owners', (select coalesce(jsonb_agg(jsonb_build_object('schema', r.nspname, 'name', r.relname, 'is_view', r.relkind in ('v', 'm'), 'owner', pg_get_userbyid(r.relowner)) order by r.nspname, r.relname), '[]')
        from relations r)
)::text
