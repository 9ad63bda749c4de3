-- What lies in a schema and is no relation, routine or type.
select 'collation', 'pg_collation', k.oid::int8, 0, s.nspname::text, k.collname::text, null,
    'CREATE COLLATION ' || quote_ident(s.nspname) || '.' || quote_ident(k.collname) || ' (' || concat_ws(', ',
        'PROVIDER = ' || case k.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end,
        'LOCALE = ' || quote_literal(coalesce(to_jsonb(k) ->> 'colllocale', to_jsonb(k) ->> 'colliculocale')),
        'LC_COLLATE = ' || quote_literal(case when k.collprovider = 'c' then k.collcollate end), 'LC_CTYPE = ' || quote_literal(case when k.collprovider = 'c' then k.collctype end),
        'RULES = ' || quote_literal(to_jsonb(k) ->> 'collicurules'), case when not k.collisdeterministic then 'DETERMINISTIC = false' end) || ')',
    null, pg_get_userbyid(k.collowner)::text, null, null::int8, 'object'
from schemas s join pg_collation k on k.collnamespace = s.oid and not exists (select from members m where m.classid = 'pg_collation'::regclass and m.objid = k.oid)
union all
select 'conversion', 'pg_conversion', c.oid::int8, 0, s.nspname::text, c.conname::text, null,
    'CREATE ' || case when c.condefault then 'DEFAULT ' else '' end || 'CONVERSION ' || quote_ident(s.nspname) || '.' || quote_ident(c.conname) || ' FOR ' || quote_literal(pg_encoding_to_char(c.conforencoding)) || ' TO '
        || quote_literal(pg_encoding_to_char(c.contoencoding)) || ' FROM ' || c.conproc::oid::regproc::text, null, pg_get_userbyid(c.conowner)::text, null, null, 'object'
from schemas s join pg_conversion c on c.connamespace = s.oid and not exists (select from members m where m.classid = 'pg_conversion'::regclass and m.objid = c.oid)
union all
select 'operator', 'pg_operator', o.oid::int8, 0, s.nspname::text, o.oprname::text, null,
    'CREATE OPERATOR ' || quote_ident(s.nspname) || '.' || o.oprname || ' (' || concat_ws(', ', 'FUNCTION = ' || o.oprcode::oid::regproc::text, 'LEFTARG = ' || format_type(nullif(o.oprleft, 0), null), 'RIGHTARG = ' || format_type(nullif(o.oprright, 0), null),
        'COMMUTATOR = OPERATOR(' || (select quote_ident(n.nspname) || '.' || x.oprname from pg_operator x join pg_namespace n on n.oid = x.oprnamespace where x.oid = o.oprcom) || ')',
        'NEGATOR = OPERATOR(' || (select quote_ident(n.nspname) || '.' || x.oprname from pg_operator x join pg_namespace n on n.oid = x.oprnamespace where x.oid = o.oprnegate) || ')',
        'RESTRICT = ' || nullif(o.oprrest::oid, 0)::regproc::text, 'JOIN = ' || nullif(o.oprjoin::oid, 0)::regproc::text, case when o.oprcanhash then 'HASHES' end, case when o.oprcanmerge then 'MERGES' end) || ')',
    null, pg_get_userbyid(o.oprowner)::text, null, null, case when o.oprcode = 0 then 'report: the operator is a shell without a function' else 'object' end
from schemas s join pg_operator o on o.oprnamespace = s.oid and not exists (select from members m where m.classid = 'pg_operator'::regclass and m.objid = o.oid)
union all
select 'operator family', 'pg_opfamily', f.oid::int8, 0, s.nspname::text, f.opfname::text, null,
    'CREATE OPERATOR FAMILY ' || quote_ident(s.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(a.amname), null, pg_get_userbyid(f.opfowner)::text, null, null, 'report: only a superuser can create an operator family'
from schemas s join pg_opfamily f on f.opfnamespace = s.oid and not exists (select from members m where m.classid = 'pg_opfamily'::regclass and m.objid = f.oid) join pg_am a on a.oid = f.opfmethod
union all
select 'operator class', 'pg_opclass', c.oid::int8, 0, s.nspname::text, c.opcname::text, null,
    'CREATE OPERATOR CLASS ' || quote_ident(s.nspname) || '.' || quote_ident(c.opcname) || case when c.opcdefault then ' DEFAULT' else '' end || ' FOR TYPE ' || format_type(c.opcintype, null) || ' USING ' || quote_ident(a.amname)
        || ' FAMILY ' || quote_ident(fs.nspname) || '.' || quote_ident(f.opfname) || ' AS ' || concat_ws(', ', coalesce((
            select string_agg('OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator::text, ', ' order by o.amopstrategy) from pg_amop o where o.amopfamily = f.oid and o.amoplefttype = c.opcintype and o.amoprighttype = c.opcintype), null), (
            select string_agg('FUNCTION ' || p.amprocnum || ' (' || format_type(p.amproclefttype, null) || ', ' || format_type(p.amprocrighttype, null) || ') ' || p.amproc::oid::regprocedure::text, ', ' order by p.amprocnum) from pg_amproc p where p.amprocfamily = f.oid and p.amproclefttype = c.opcintype and p.amprocrighttype = c.opcintype),
            'STORAGE ' || format_type(nullif(c.opckeytype, 0), null)),
    null, pg_get_userbyid(c.opcowner)::text, null, null, 'report: only a superuser can create an operator class'
from schemas s join pg_opclass c on c.opcnamespace = s.oid and not exists (select from members m where m.classid = 'pg_opclass'::regclass and m.objid = c.oid) join pg_am a on a.oid = c.opcmethod join pg_opfamily f on f.oid = c.opcfamily join pg_namespace fs on fs.oid = f.opfnamespace
union all
select 'operator of a family', 'pg_amop', o.oid::int8, 0, s.nspname::text, null, null,
    'ALTER OPERATOR FAMILY ' || quote_ident(s.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(a.amname) || ' ADD OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator::text,
    null, null, 'pg_opfamily', f.oid::int8, 'report: it goes with its operator family'
from pg_amop o join pg_opfamily f on f.oid = o.amopfamily join pg_namespace s on s.oid = f.opfnamespace join pg_am a on a.oid = f.opfmethod where o.oid >= 16384 and not exists (select from members m where m.classid = 'pg_amop'::regclass and m.objid = o.oid)
  and not exists (select from members m where m.classid = 'pg_opfamily'::regclass and m.objid = f.oid)
union all
select 'function of a family', 'pg_amproc', o.oid::int8, 0, s.nspname::text, null, null,
    'ALTER OPERATOR FAMILY ' || quote_ident(s.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(a.amname) || ' ADD FUNCTION ' || o.amprocnum || ' (' || format_type(o.amproclefttype, null) || ', ' || format_type(o.amprocrighttype, null) || ') ' || o.amproc::oid::regprocedure::text,
    null, null, 'pg_opfamily', f.oid::int8, 'report: it goes with its operator family'
from pg_amproc o join pg_opfamily f on f.oid = o.amprocfamily join pg_namespace s on s.oid = f.opfnamespace join pg_am a on a.oid = f.opfmethod where o.oid >= 16384 and not exists (select from members m where m.classid = 'pg_amproc'::regclass and m.objid = o.oid)
  and not exists (select from members m where m.classid = 'pg_opfamily'::regclass and m.objid = f.oid)
union all
select 'text search configuration', 'pg_ts_config', t.oid::int8, 0, s.nspname::text, t.cfgname::text, null,
    'CREATE TEXT SEARCH CONFIGURATION ' || quote_ident(s.nspname) || '.' || quote_ident(t.cfgname) || ' (PARSER = ' || quote_ident(ps.nspname) || '.' || quote_ident(p.prsname) || ')' || coalesce((
        select string_agg('; ALTER TEXT SEARCH CONFIGURATION ' || quote_ident(s.nspname) || '.' || quote_ident(t.cfgname) || ' ADD MAPPING FOR ' || quote_ident(k.alias) || ' WITH ' || k.list, '' order by k.tokid)
        from (select y.tokid, y.alias, string_agg(m.mapdict::regdictionary::text, ', ' order by m.mapseqno) from pg_ts_config_map m join ts_token_type(t.cfgparser) y on y.tokid = m.maptokentype where m.mapcfg = t.oid group by y.tokid, y.alias) k (tokid, alias, list)), ''),
    null, pg_get_userbyid(t.cfgowner)::text, null, null, 'object'
from schemas s join pg_ts_config t on t.cfgnamespace = s.oid and not exists (select from members m where m.classid = 'pg_ts_config'::regclass and m.objid = t.oid) join pg_ts_parser p on p.oid = t.cfgparser join pg_namespace ps on ps.oid = p.prsnamespace
union all
select 'text search dictionary', 'pg_ts_dict', t.oid::int8, 0, s.nspname::text, t.dictname::text, null,
    'CREATE TEXT SEARCH DICTIONARY ' || quote_ident(s.nspname) || '.' || quote_ident(t.dictname) || ' (TEMPLATE = ' || quote_ident(ms.nspname) || '.' || quote_ident(m.tmplname) || coalesce(', ' || t.dictinitoption, '') || ')', null, pg_get_userbyid(t.dictowner)::text, null, null, 'object'
from schemas s join pg_ts_dict t on t.dictnamespace = s.oid and not exists (select from members m where m.classid = 'pg_ts_dict'::regclass and m.objid = t.oid) join pg_ts_template m on m.oid = t.dicttemplate join pg_namespace ms on ms.oid = m.tmplnamespace
union all
select 'text search parser', 'pg_ts_parser', t.oid::int8, 0, s.nspname::text, t.prsname::text, null, 'CREATE TEXT SEARCH PARSER ' || quote_ident(s.nspname) || '.' || quote_ident(t.prsname) || ' (START = ' || t.prsstart::oid::regproc::text || ', GETTOKEN = ' || t.prstoken::oid::regproc::text
        || ', END = ' || t.prsend::oid::regproc::text || ', LEXTYPES = ' || t.prslextype::oid::regproc::text || coalesce(', HEADLINE = ' || nullif(t.prsheadline::oid, 0)::regproc::text, '') || ')', null, null, null, null, 'report: only a superuser can create a text search parser'
from schemas s join pg_ts_parser t on t.prsnamespace = s.oid and not exists (select from members m where m.classid = 'pg_ts_parser'::regclass and m.objid = t.oid)
union all
select 'text search template', 'pg_ts_template', t.oid::int8, 0, s.nspname::text, t.tmplname::text, null, 'CREATE TEXT SEARCH TEMPLATE ' || quote_ident(s.nspname) || '.' || quote_ident(t.tmplname) || ' (' || coalesce('INIT = ' || nullif(t.tmplinit::oid, 0)::regproc::text || ', ', '') || 'LEXIZE = ' || t.tmpllexize::oid::regproc::text || ')',
    null, null, null, null, 'report: only a superuser can create a text search template'
from schemas s join pg_ts_template t on t.tmplnamespace = s.oid and not exists (select from members m where m.classid = 'pg_ts_template'::regclass and m.objid = t.oid)
