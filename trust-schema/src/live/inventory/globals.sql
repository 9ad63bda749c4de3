-- What lies in no schema. Where schemas are chosen, none of it is asked for. An oid below 16384 came with the server.
select 'cast', 'pg_cast', c.oid::int8, 0, null::text, null::text, null::text,
    'CREATE CAST (' || format_type(c.castsource, null) || ' AS ' || format_type(c.casttarget, null) || ') ' || case c.castmethod when 'b' then 'WITHOUT FUNCTION' when 'i' then 'WITH INOUT' else 'WITH FUNCTION ' || c.castfunc::regprocedure::text end
        || case c.castcontext when 'a' then ' AS ASSIGNMENT' when 'i' then ' AS IMPLICIT' else '' end, null::text, null::text, null::text, null::int8,
    case when c.castmethod = 'b' then 'report: only a superuser can create a cast without a function' else 'object' end
from pg_cast c where c.oid >= 16384 and not exists (select from pg_depend d where d.classid = 'pg_cast'::regclass and d.objid = c.oid and d.deptype in ('i', 'e'))
union all
select 'cast of a type', 'pg_cast', c.oid::int8, 0, null, null, null, null, null, null, d.refclassid::regclass::text, d.refobjid::int8, 'alias'
from pg_cast c cross join lateral (select d.* from pg_depend d where d.classid = 'pg_cast'::regclass and d.objid = c.oid and d.deptype = 'i' order by d.refclassid, d.refobjid limit 1) d
union all
select 'language', 'pg_language', l.oid::int8, 0, null, l.lanname::text, null, 'CREATE ' || case when l.lanpltrusted then 'TRUSTED ' else '' end || 'LANGUAGE ' || quote_ident(l.lanname) || coalesce(' HANDLER ' || nullif(l.lanplcallfoid, 0)::regproc::text, '')
        || coalesce(' INLINE ' || nullif(l.laninline, 0)::regproc::text, '') || coalesce(' VALIDATOR ' || nullif(l.lanvalidator, 0)::regproc::text, ''), null, pg_get_userbyid(l.lanowner)::text, null, null, 'report: only a superuser can create a language'
from pg_language l where l.oid >= 16384 and not exists (select from members m where m.classid = 'pg_language'::regclass and m.objid = l.oid)
union all
select 'transform', 'pg_transform', t.oid::int8, 0, null, null, null, 'CREATE TRANSFORM FOR ' || format_type(t.trftype, null) || ' LANGUAGE ' || quote_ident(l.lanname) || ' (' || concat_ws(', ', 'FROM SQL WITH FUNCTION ' || nullif(t.trffromsql::oid, 0)::regprocedure::text, 'TO SQL WITH FUNCTION ' || nullif(t.trftosql::oid, 0)::regprocedure::text) || ')',
    'DROP TRANSFORM FOR ' || format_type(t.trftype, null) || ' LANGUAGE ' || quote_ident(l.lanname), null, null, null, 'object'
from pg_transform t join pg_language l on l.oid = t.trflang where t.oid >= 16384 and not exists (select from members m where m.classid = 'pg_transform'::regclass and m.objid = t.oid)
union all
select 'access method', 'pg_am', a.oid::int8, 0, null, a.amname::text, null, 'CREATE ACCESS METHOD ' || quote_ident(a.amname) || ' TYPE ' || case a.amtype when 't' then 'TABLE' else 'INDEX' end || ' HANDLER ' || a.amhandler::oid::regproc::text, null, null, null, null, 'report: only a superuser can create an access method'
from pg_am a where a.oid >= 16384 and not exists (select from members m where m.classid = 'pg_am'::regclass and m.objid = a.oid)
union all
select 'event trigger', 'pg_event_trigger', e.oid::int8, 0, null, e.evtname::text, null, 'CREATE EVENT TRIGGER ' || quote_ident(e.evtname) || ' ON ' || e.evtevent || coalesce(' WHEN TAG IN (' || (select string_agg(quote_literal(t), ', ') from unnest(e.evttags) t) || ')', '') || ' EXECUTE FUNCTION ' || e.evtfoid::regproc::text || '()'
        || case when e.evtenabled = 'O' then '' else '; ALTER EVENT TRIGGER ' || quote_ident(e.evtname) || case e.evtenabled when 'D' then ' DISABLE' when 'R' then ' ENABLE REPLICA' else ' ENABLE ALWAYS' end end, null, pg_get_userbyid(e.evtowner)::text, null, null, 'report: only a superuser can create an event trigger'
from pg_event_trigger e where not exists (select from members m where m.classid = 'pg_event_trigger'::regclass and m.objid = e.oid)
union all
select 'publication', 'pg_publication', p.oid::int8, 0, null, p.pubname::text, null, 'CREATE PUBLICATION ' || quote_ident(p.pubname) || case when p.puballtables then ' FOR ALL TABLES' else '' end || ' WITH (publish = ' || quote_literal(concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end))
        || case when p.pubviaroot then ', publish_via_partition_root = true' else '' end || ')', null, pg_get_userbyid(p.pubowner)::text, null, null, case when p.puballtables then 'report: only a superuser can publish all tables' else 'object' end
from pg_publication p
union all
select 'publication of a table', 'pg_publication_rel', r.oid::int8, 0, null, null, null, 'ALTER PUBLICATION ' || quote_ident(p.pubname) || ' ADD TABLE ONLY ' || r.prrelid::regclass::text || coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)) || ')', '') || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', ''),
    'ALTER PUBLICATION ' || quote_ident(p.pubname) || ' DROP TABLE ' || r.prrelid::regclass::text, null, 'pg_publication', p.oid::int8, 'object'
from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
union all
select 'publication of a schema', 'pg_publication_namespace', r.oid::int8, 0, null, null, null, 'ALTER PUBLICATION ' || quote_ident(p.pubname) || ' ADD TABLES IN SCHEMA ' || r.pnnspid::regnamespace::text, null, null, 'pg_publication', p.oid::int8, 'report: only a superuser can publish a schema'
from pg_publication_namespace r join pg_publication p on p.oid = r.pnpubid
union all
select 'subscription', 'pg_subscription', u.oid::int8, 0, null, u.subname::text, null, null, null, pg_get_userbyid(u.subowner)::text, null, null, 'report: its connection string holds a password, and creating it connects to another server'
from pg_subscription u join pg_database d on d.oid = u.subdbid and d.datname = current_database()
union all
select 'foreign data wrapper', 'pg_foreign_data_wrapper', f.oid::int8, 0, null, f.fdwname::text, null, 'CREATE FOREIGN DATA WRAPPER ' || quote_ident(f.fdwname) || coalesce(' HANDLER ' || nullif(f.fdwhandler, 0)::regproc::text, '') || coalesce(' VALIDATOR ' || nullif(f.fdwvalidator, 0)::regproc::text, ''), null, pg_get_userbyid(f.fdwowner)::text, null, null, 'report: only a superuser can create a foreign data wrapper'
from pg_foreign_data_wrapper f where not exists (select from members m where m.classid = 'pg_foreign_data_wrapper'::regclass and m.objid = f.oid)
union all
select 'foreign server', 'pg_foreign_server', f.oid::int8, 0, null, f.srvname::text, null, 'CREATE SERVER ' || quote_ident(f.srvname) || coalesce(' TYPE ' || quote_literal(f.srvtype), '') || coalesce(' VERSION ' || quote_literal(f.srvversion), '') || ' FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname)
        || coalesce(' OPTIONS (' || (select string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', ') from pg_options_to_table(f.srvoptions) o where o.option_name !~* 'pass|secret|key|token') || ')', ''), null, pg_get_userbyid(f.srvowner)::text, null, null, 'object'
from pg_foreign_server f join pg_foreign_data_wrapper w on w.oid = f.srvfdw
union all
select 'user mapping', 'pg_user_mapping', u.umid::int8, 0, null, null, null, null, null, null, null, null, 'report: user mappings hold passwords: of ' || case when u.umuser = 0 then 'PUBLIC' else quote_ident(u.usename) end || ' for server ' || quote_ident(u.srvname)
from pg_user_mappings u
union all
select 'default privileges', 'pg_default_acl', a.oid::int8, 0, null, null, null, null, null, pg_get_userbyid(a.defaclrole)::text, null, null, 'default privileges'
from pg_default_acl a
union all
select 'large object', 'pg_largeobject_metadata', l.oid::int8, 0, null, null, null, null, null, pg_get_userbyid(l.lomowner)::text, null, null, 'report: large objects are rows, and a spec holds none'
from pg_largeobject_metadata l
union all
select 'extension', 'pg_extension', e.oid::int8, 0, null, e.extname::text, 'extension ' || quote_ident(e.extname), null, null, null, null, null, 'extension'
from pg_extension e where e.oid >= 16384
