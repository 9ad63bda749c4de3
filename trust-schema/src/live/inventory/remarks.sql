-- What is no object of the database, and what is of providers that are not here.
select 'security label', i.type || ' ' || i.identity, 'its provider ' || l.provider || ' has to be loaded, which a migration cannot do'
from pg_seclabel l cross join lateral pg_identify_object(l.classoid, l.objoid, l.objsubid) i
union all
select 'setting of a role or database', coalesce(pg_get_userbyid(nullif(g.setrole, 0)), 'every role') || ': ' || array_to_string(g.setconfig, ', '), 'settings of roles and databases are the platform''s'
from pg_db_role_setting g left join pg_database d on d.oid = g.setdatabase where g.setdatabase = 0 or d.datname = current_database()
union all
select 'comment', case d.classoid when 'pg_database'::regclass then 'database ' || current_database() else 'role ' || pg_get_userbyid(d.objoid) end, 'roles and databases are the platform''s'
from pg_shdescription d
where (d.classoid = 'pg_authid'::regclass and d.objoid >= 16384) or (d.classoid = 'pg_database'::regclass and d.objoid = (select oid from pg_database where datname = current_database() and oid >= 16384))
union all
select 'privileges of the database', current_database() || ': ' || array_to_string(d.datacl, ', '), 'privileges of databases are the platform''s'
from pg_database d where d.datname = current_database() and d.datacl is not null
union all
-- Everybody has it, so no spec owns it.
select 'privileges of the schema', n.nspname || ': ' || array_to_string(n.nspacl, ', '), 'what a role may do in `public` itself is not of the spec: grant it beforehand'
from pg_namespace n left join pg_init_privs i on i.classoid = 'pg_namespace'::regclass and i.objoid = n.oid and i.objsubid = 0
where n.nspname = 'public' and n.nspacl is distinct from i.initprivs
union all
select 'privileges of a parameter', a.parname, 'only a superuser can grant them' from pg_parameter_acl a
union all
select 'privileges of PostgreSQL''s own objects', pg_describe_object('pg_proc'::regclass, p.oid, 0), 'only a superuser can change them'
from pg_proc p left join pg_init_privs i on i.classoid = 'pg_proc'::regclass and i.objoid = p.oid and i.objsubid = 0
where p.pronamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and p.oid < 16384 and p.proacl is distinct from i.initprivs
union all
select 'privileges of PostgreSQL''s own objects', pg_describe_object('pg_class'::regclass, c.oid, 0), 'only a superuser can change them'
from pg_class c left join pg_init_privs i on i.classoid = 'pg_class'::regclass and i.objoid = c.oid and i.objsubid = 0
where c.relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and c.relkind in ('r', 'v') and c.oid < 16384 and (c.relacl is not null or i.initprivs is not null)
  -- What initdb grants on the information schema is not always among the initial privileges (seen on 15).
  and c.relacl is distinct from coalesce(i.initprivs, case when c.relnamespace = 'information_schema'::regnamespace then acldefault('r', c.relowner) || makeaclitem(0, c.relowner, 'SELECT', false) end)
