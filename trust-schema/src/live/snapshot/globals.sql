-- What lies in no schema, or in any: class, name, detail. Objects with an oid below 16384 came with the server.
select 'default privileges' as class, concat_ws(' ', pg_get_userbyid(a.defaclrole), coalesce('in ' || n.nspname, 'everywhere'), a.defaclobjtype) as name,
    -- Their order has no meaning.
    (select string_agg(item::text, ', ' order by item::text collate "C") from unnest(a.defaclacl) item) as detail
from pg_default_acl a left join pg_namespace n on n.oid = a.defaclnamespace
union all
select 'role', r.rolname, concat_ws(' ', r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls, r.rolconnlimit, r.rolvaliduntil)
from pg_roles r where r.rolname !~ '^pg_'
union all
select 'membership', pg_get_userbyid(m.member) || ' in ' || pg_get_userbyid(m.roleid),
    string_agg((to_jsonb(m) - 'oid' - 'roleid' - 'member' - 'grantor')::text, ', ' order by m.grantor)
from pg_auth_members m where m.roleid >= 16384 or m.member >= 16384 group by m.member, m.roleid
union all
select 'setting', coalesce(pg_get_userbyid(nullif(g.setrole, 0)), 'every role') || coalesce(' in ' || d.datname, ''), array_to_string(g.setconfig, ', ')
from pg_db_role_setting g left join pg_database d on d.oid = g.setdatabase
where g.setdatabase = 0 or d.datname = current_database()
union all
select 'database', d.datname, concat_ws('; ', pg_get_userbyid(d.datdba), d.datacl::text) from pg_database d where d.datname = current_database()
union all
select 'extension', e.extname, concat_ws(' ', e.extversion, n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
union all
select 'extension object', pg_describe_object('pg_proc'::regclass, p.oid, 0), p.proacl::text
from pg_proc p join members m on m.classid = 'pg_proc'::regclass and m.objid = p.oid where p.proacl is not null
union all
select 'extension object', pg_describe_object('pg_class'::regclass, c.oid, 0), c.relacl::text
from pg_class c join members m on m.classid = 'pg_class'::regclass and m.objid = c.oid where c.relacl is not null
union all
-- PostgreSQL's own objects whose privileges were changed, and what was put among them.
select 'system object', pg_describe_object('pg_proc'::regclass, p.oid, 0), p.proacl::text
from pg_proc p left join pg_init_privs i on i.classoid = 'pg_proc'::regclass and i.objoid = p.oid and i.objsubid = 0
where p.pronamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and (p.oid >= 16384 or p.proacl is distinct from i.initprivs)
union all
select 'system object', pg_describe_object('pg_class'::regclass, c.oid, 0), c.relacl::text
from pg_class c left join pg_init_privs i on i.classoid = 'pg_class'::regclass and i.objoid = c.oid and i.objsubid = 0
where c.relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and c.relkind in ('r', 'v')
  and (c.oid >= 16384 or c.relacl is distinct from i.initprivs)
union all
select 'system object', pg_describe_object('pg_type'::regclass, t.oid, 0), t.typacl::text
from pg_type t where t.typnamespace = 'pg_catalog'::regnamespace and (t.typacl is not null or (t.oid >= 16384 and t.typtype <> 'c' and t.typelem = 0))
union all
select 'system object', 'schema ' || n.nspname, n.nspacl::text
from pg_namespace n left join pg_init_privs i on i.classoid = 'pg_namespace'::regclass and i.objoid = n.oid
where n.nspname in ('pg_catalog', 'information_schema') and n.nspacl is distinct from i.initprivs
union all
select 'parameter privileges', a.parname, a.paracl::text from pg_parameter_acl a
union all
select 'language', l.lanname, concat_ws(' ', l.lanpltrusted, l.lanacl::text) from pg_language l
union all
select 'cast', format_type(c.castsource, null) || ' as ' || format_type(c.casttarget, null), concat_ws(' ', c.castcontext, c.castmethod, nullif(c.castfunc, 0)::regprocedure)
from pg_cast c where c.oid >= 16384
union all
select 'operator', o.oid::regoperator::text, concat_ws(' ', o.oprcode::regprocedure, nullif(o.oprcom, 0)::regoperator, nullif(o.oprnegate, 0)::regoperator, nullif(o.oprrest::oid, 0)::regproc,
    nullif(o.oprjoin::oid, 0)::regproc, o.oprcanmerge, o.oprcanhash, pg_get_userbyid(o.oprowner))
from pg_operator o where o.oid >= 16384
union all
select 'operator class', pg_describe_object('pg_opclass'::regclass, c.oid, 0), concat_ws(' ', c.opcdefault, format_type(c.opcintype, null), pg_get_userbyid(c.opcowner))
from pg_opclass c where c.oid >= 16384
union all
select 'operator family', pg_describe_object('pg_opfamily'::regclass, f.oid, 0), pg_get_userbyid(f.opfowner)::text from pg_opfamily f where f.oid >= 16384
union all
select 'operator of a family', pg_describe_object('pg_amop'::regclass, a.oid, 0), '' from pg_amop a where a.oid >= 16384
union all
select 'function of a family', pg_describe_object('pg_amproc'::regclass, a.oid, 0), '' from pg_amproc a where a.oid >= 16384
union all
select 'access method', a.amname, a.amhandler::text from pg_am a where a.oid >= 16384
union all
select 'collation', quote_ident(n.nspname) || '.' || quote_ident(c.collname), (to_jsonb(c) - 'oid' - 'collname' - 'collnamespace' - 'collowner')::text || ' ' || pg_get_userbyid(c.collowner)
from pg_collation c join pg_namespace n on n.oid = c.collnamespace where c.oid >= 16384
union all
select 'conversion', pg_describe_object('pg_conversion'::regclass, c.oid, 0), concat_ws(' ', c.conproc, c.condefault, pg_get_userbyid(c.conowner)) from pg_conversion c where c.oid >= 16384
union all
select 'transform', pg_describe_object('pg_transform'::regclass, t.oid, 0), concat_ws(' ', t.trffromsql, t.trftosql) from pg_transform t where t.oid >= 16384
union all
select 'text search configuration', t.oid::regconfig::text, concat_ws('; ', t.cfgparser, pg_get_userbyid(t.cfgowner),
    (select string_agg(m.maptokentype || ' ' || m.mapdict::regdictionary, ', ' order by m.maptokentype, m.mapseqno) from pg_ts_config_map m where m.mapcfg = t.oid))
from pg_ts_config t where t.oid >= 16384
union all
select 'text search dictionary', t.oid::regdictionary::text, concat_ws('; ', t.dictinitoption, pg_get_userbyid(t.dictowner)) from pg_ts_dict t where t.oid >= 16384
union all
select 'text search parser', pg_describe_object('pg_ts_parser'::regclass, t.oid, 0), t.prsstart::text from pg_ts_parser t where t.oid >= 16384
union all
select 'text search template', pg_describe_object('pg_ts_template'::regclass, t.oid, 0), t.tmpllexize::text from pg_ts_template t where t.oid >= 16384
union all
select 'event trigger', e.evtname, concat_ws(' ', e.evtevent, e.evtfoid::regproc, e.evtenabled, array_to_string(e.evttags, ','), pg_get_userbyid(e.evtowner)) from pg_event_trigger e
union all
select 'publication', p.pubname, (to_jsonb(p) - 'oid' - 'pubname' - 'pubowner')::text || ' ' || pg_get_userbyid(p.pubowner) from pg_publication p
union all
select 'publication table', p.pubname || ' ' || r.prrelid::regclass, concat_ws(' ', r.prattrs, pg_get_expr(r.prqual, r.prrelid)) from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
union all
select 'publication schema', p.pubname || ' ' || r.pnnspid::regnamespace, '' from pg_publication_namespace r join pg_publication p on p.oid = r.pnpubid
union all
select 'subscription', u.subname, u.subenabled::text from pg_subscription u join pg_database d on d.oid = u.subdbid and d.datname = current_database()
union all
select 'foreign data wrapper', f.fdwname, concat_ws('; ', pg_get_userbyid(f.fdwowner), f.fdwacl, f.fdwoptions) from pg_foreign_data_wrapper f
union all
select 'foreign server', f.srvname, concat_ws('; ', pg_get_userbyid(f.srvowner), f.srvacl, f.srvoptions) from pg_foreign_server f
union all
select 'user mapping', u.srvname || ' ' || u.usename, u.umoptions::text from pg_user_mappings u
union all
select 'large object', l.oid::text, concat_ws(' ', pg_get_userbyid(l.lomowner), l.lomacl) from pg_largeobject_metadata l
union all
-- Comments on what the Catalog has no comments for; on objects of extensions they are the extension's.
select 'comment', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description
from pg_description d
where d.objoid >= 16384 and (d.classoid not in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_namespace'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass)
    or exists (select from pg_class c where d.classoid = 'pg_class'::regclass and c.oid = d.objoid and c.relkind not in ('r', 'p', 'v', 'S', 'i', 'I', 'c'))
    or exists (select from pg_proc p where d.classoid = 'pg_proc'::regclass and p.oid = d.objoid and p.prokind <> 'f')
    or exists (select from pg_type t where d.classoid = 'pg_type'::regclass and t.oid = d.objoid and t.typtype not in ('e', 'd', 'c'))
    or exists (select from pg_constraint k where d.classoid = 'pg_constraint'::regclass and k.oid = d.objoid and k.contype not in ('p', 'u', 'c', 'f')))
  and not exists (select from members m where m.classid = d.classoid and m.objid = d.objoid)
union all
select 'comment', case d.classoid when 'pg_database'::regclass then 'the database' else 'role ' || pg_get_userbyid(d.objoid) end, d.description
from pg_shdescription d
where (d.classoid = 'pg_authid'::regclass and d.objoid >= 16384)
   or (d.classoid = 'pg_database'::regclass and d.objoid = (select oid from pg_database where datname = current_database()))
union all
select 'security label', pg_describe_object(l.classoid, l.objoid, l.objsubid), l.provider || ' ' || l.label from pg_seclabel l
