-- Constraints, indexes, triggers, rules, policies and statistics of tables.
select case k.contype when 'p' then 'primary key' when 'u' then 'unique constraint' when 'c' then 'check constraint' when 'f' then 'foreign key' else 'exclusion constraint' end,
    'pg_constraint', k.oid::int8, 0, c.nspname::text, k.conname::text,
    case when not k.condeferrable and k.convalidated and k.conislocal and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true) and not coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false)
        and (k.contype = 'u' or (k.contype = 'p' and i.indnatts = i.indnkeyatts) or (k.contype = 'c' and not k.connoinherit)
            or (k.contype = 'f' and k.confmatchtype = 's' and coalesce(to_jsonb(k) ->> 'confdelsetcols', '[]') = '[]' and k.conparentid = 0))
        and (x.oid is null or (x.reloptions is null and x.reltablespace = 0))
        then case k.contype when 'p' then 'primary key ' when 'u' then 'unique constraint ' when 'c' then 'check constraint ' else 'foreign key ' end
            || c.oid::regclass::text || '.' || quote_ident(k.conname) end,
    'ALTER ' || case when c.relkind = 'f' then 'FOREIGN ' else '' end || 'TABLE ' || c.oid::regclass::text || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid),
    'ALTER ' || case when c.relkind = 'f' then 'FOREIGN ' else '' end || 'TABLE ' || c.oid::regclass::text || ' DROP CONSTRAINT ' || quote_ident(k.conname), null, 'pg_class', c.oid::int8, 'object'
from relations c join pg_constraint k on k.conrelid = c.oid left join pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x') left join pg_class x on x.oid = i.indexrelid
where k.contype in ('p', 'u', 'x', 'c', 'f') and (k.contype <> 'f' or k.conparentid = 0) and (k.conislocal or k.contype not in ('c', 'f'))
union all
select 'inherited constraint', 'pg_constraint', k.oid::int8, 0, null, null, null, null, null, null, 'pg_class', c.oid::int8, 'alias'
from relations c join pg_constraint k on k.conrelid = c.oid
where (k.contype = 'f' and k.conparentid <> 0) or (k.contype in ('c', 'f') and not k.conislocal)
   or (k.contype = 'n' and (not k.conislocal or k.conname = (
        select left(c.relname || '_' || a.attname || '_not_null', 63) from pg_attribute a where a.attrelid = c.oid and a.attnum = k.conkey[1])))
union all
select 'name of a NOT NULL', 'pg_constraint', k.oid::int8, 0, c.nspname::text, k.conname::text, null,
    'ALTER TABLE ' || c.oid::regclass::text || ' RENAME CONSTRAINT ' || quote_ident(left(c.relname || '_' || a.attname || '_not_null', 63)) || ' TO ' || quote_ident(k.conname),
    'ALTER TABLE ' || c.oid::regclass::text || ' RENAME CONSTRAINT ' || quote_ident(k.conname) || ' TO ' || quote_ident(left(c.relname || '_' || a.attname || '_not_null', 63)),
    null, 'pg_class', c.oid::int8, 'part'
from relations c join pg_constraint k on k.conrelid = c.oid join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
where k.contype = 'n' and k.conislocal and k.conname <> left(c.relname || '_' || a.attname || '_not_null', 63)
union all
select 'trigger of a constraint', 'pg_constraint', k.oid::int8, 0, null, null, null, null, null, null, 'pg_trigger', t.oid::int8, 'alias'
from relations c join pg_trigger t on t.tgrelid = c.oid join pg_constraint k on k.oid = t.tgconstraint and k.contype = 't'
union all
select 'index of a constraint', 'pg_class', k.conindid::int8, 0, null, null, null, null, null, null, 'pg_constraint', k.oid::int8, 'alias'
from relations c join pg_constraint k on k.conrelid = c.oid where k.contype in ('p', 'u', 'x') and k.conindid <> 0
union all
select 'index', 'pg_class', x.oid::int8, 0, c.nspname::text, x.relname::text,
    case when m.amname in ('btree', 'hash', 'gin', 'gist', 'brin', 'spgist') and i.indisvalid and c.relkind = 'r' and x.reltablespace = 0 and x.reloptions is null and not exists (
            select from unnest(i.indkey::int2[], i.indcollation::oid[]) u (number, coll) join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number
            where u.number > 0 and u.coll <> 0 and u.coll <> a.attcollation)
        and not exists (select from pg_attribute a where a.attrelid = x.oid and (coalesce(a.attstattarget, -1) >= 0
            or exists (select from unnest(a.attoptions) p where p not like 'pg\_attver=%')))
        and not exists (select from unnest(i.indclass::oid[]) o join pg_opclass oc on oc.oid = o where not oc.opcdefault and oc.opcnamespace <> 'pg_catalog'::regnamespace)
        then 'index ' || x.oid::regclass::text end,
    case when c.relkind = 'p' then replace(left(pg_get_indexdef(x.oid), h.length), ' ON ONLY ', ' ON ') || substr(pg_get_indexdef(x.oid), h.length + 1) else pg_get_indexdef(x.oid) end,
    null, null, 'pg_class', c.oid::int8, 'object'
from relations c join pg_index i on i.indrelid = c.oid join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
cross join lateral (select length('CREATE ' || case when i.indisunique then 'UNIQUE ' else '' end || 'INDEX ' || quote_ident(x.relname) || ' ON ONLY ')) h (length)
where not exists (select from pg_constraint k where k.conindid = x.oid and k.contype in ('p', 'u', 'x'))
  and not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = x.oid) and c.relkind <> 't'
union all
select 'trigger', 'pg_trigger', t.oid::int8, 0, c.nspname::text, t.tgname::text,
    case when c.relkind = 'r' and t.tgconstraint = 0 and not t.tgdeferrable and t.tgoldtable is null and t.tgnewtable is null and t.tgenabled = 'O'
        then 'trigger ' || c.oid::regclass::text || '.' || quote_ident(t.tgname) end,
    pg_get_triggerdef(t.oid) || case when t.tgenabled = 'O' then '' else '; ALTER TABLE ' || c.oid::regclass::text || case t.tgenabled when 'D' then ' DISABLE' when 'R' then ' ENABLE REPLICA' else ' ENABLE ALWAYS' end
        || ' TRIGGER ' || quote_ident(t.tgname) end, null, null, 'pg_class', c.oid::int8, 'object'
from relations c join pg_trigger t on t.tgrelid = c.oid
where not t.tgisinternal and t.tgparentid = 0 and not exists (select from members m where m.classid = 'pg_trigger'::regclass and m.objid = t.oid)
union all
select 'trigger of the system', 'pg_trigger', t.oid::int8, 0, null, null, null, null, null, null, 'pg_class', c.oid::int8, 'alias'
from relations c join pg_trigger t on t.tgrelid = c.oid where t.tgisinternal or t.tgparentid <> 0
union all
select 'rule', 'pg_rewrite', r.oid::int8, 0, c.nspname::text, r.rulename::text, null,
    rtrim(pg_get_ruledef(r.oid), ';') || case when r.ev_enabled = 'O' then '' else '; ALTER TABLE ' || c.oid::regclass::text || case r.ev_enabled when 'D' then ' DISABLE' when 'R' then ' ENABLE REPLICA' else ' ENABLE ALWAYS' end
        || ' RULE ' || quote_ident(r.rulename) end, null, null, 'pg_class', c.oid::int8, 'object'
from relations c join pg_rewrite r on r.ev_class = c.oid where r.rulename <> '_RETURN'
union all
select 'rule of a view', 'pg_rewrite', r.oid::int8, 0, null, null, null, null, null, null, 'pg_class', c.oid::int8, 'alias'
from relations c join pg_rewrite r on r.ev_class = c.oid where r.rulename = '_RETURN'
union all
select 'policy', 'pg_policy', p.oid::int8, 0, c.nspname::text, p.polname::text,
    case when c.relkind = 'r' and not (0 = any (p.polroles)) then 'policy ' || c.oid::regclass::text || '.' || quote_ident(p.polname) end,
    'CREATE POLICY ' || quote_ident(p.polname) || ' ON ' || c.oid::regclass::text || ' AS ' || case when p.polpermissive then 'PERMISSIVE' else 'RESTRICTIVE' end
        || ' FOR ' || case p.polcmd when '*' then 'ALL' when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' else 'DELETE' end || ' TO ' || (
            select string_agg(case when u.role = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(u.role)) end, ', ' order by u.role) from unnest(p.polroles) u (role))
        || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '') || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
    null, null, 'pg_class', c.oid::int8, 'object'
from relations c join pg_policy p on p.polrelid = c.oid
union all
select 'statistics', 'pg_statistic_ext', x.oid::int8, 0, s.nspname::text, x.stxname::text, null,
    pg_get_statisticsobjdef(x.oid) || case when coalesce(x.stxstattarget, -1) >= 0 then '; ALTER STATISTICS ' || quote_ident(s.nspname) || '.' || quote_ident(x.stxname) || ' SET STATISTICS ' || x.stxstattarget else '' end,
    null, pg_get_userbyid(x.stxowner)::text, 'pg_class', x.stxrelid::int8, 'object'
from schemas s join pg_statistic_ext x on x.stxnamespace = s.oid
