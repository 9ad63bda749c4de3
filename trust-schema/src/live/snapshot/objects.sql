-- What the Catalog does not model, one line for each: class, name, detail. Objects of extensions go with their extension.
select 'owner' as class, o.type || ' ' || o.identity as name, pg_get_userbyid(o.owner)::text as detail
from (
    select 'relation', c.oid::regclass::text, c.relowner from schemas s join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all
    -- Functions that come with a range type belong to the superuser.
    select 'routine', p.oid::regprocedure::text, p.proowner from schemas s join pg_proc p on p.pronamespace = s.oid
    where not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
    union all
    select 'type', format_type(t.oid, null), t.typowner
    from schemas s join pg_type t on t.typnamespace = s.oid left join pg_class c on c.oid = t.typrelid
    where t.typtype <> 'c' or c.relkind = 'c'
    union all
    select 'schema', quote_ident(s.nspname), s.nspowner from schemas s) o (type, identity, owner)
union all
-- Relations of other kinds, and what is special about the modelled ones.
select case c.relkind when 'm' then 'materialized view' else 'foreign table' end, c.oid::regclass::text,
    concat_ws('; ', case when c.relkind = 'm' then pg_get_viewdef(c.oid) end, 'privileges ' || (select string_agg(i::text, ',' order by i::text collate "C") from unnest(coalesce(c.relacl, acldefault('r', c.relowner))) i))
from schemas s join pg_class c on c.relnamespace = s.oid and c.relkind in ('m', 'f')
union all
select 'index on materialized view', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
from schemas s join pg_class c on c.relnamespace = s.oid and c.relkind = 'm' join pg_index i on i.indrelid = c.oid
union all
select 'storage options', c.oid::regclass::text, concat_ws('; ', array_to_string(c.reloptions, ', '), 'tablespace ' || nullif(c.reltablespace, 0)::text, 'method ' || m.amname)
from schemas s join pg_class c on c.relnamespace = s.oid left join pg_am m on m.oid = c.relam and m.amtype = 't' and m.amname <> 'heap'
where c.reloptions is not null or c.reltablespace <> 0 or m.oid is not null
union all
select 'partitioned table', c.oid::regclass::text, pg_get_partkeydef(c.oid)
from schemas s join pg_class c on c.relnamespace = s.oid and c.relkind = 'p'
union all
select 'inheritance', i.inhrelid::regclass::text, i.inhparent::regclass::text || coalesce(' ' || pg_get_expr(c.relpartbound, c.oid), '')
from schemas s join pg_class c on c.relnamespace = s.oid join pg_inherits i on i.inhrelid = c.oid
union all
select 'typed table', c.oid::regclass::text, format_type(c.reloftype, null)
from schemas s join pg_class c on c.relnamespace = s.oid and c.reloftype <> 0
union all
select 'replica identity', c.oid::regclass::text, c.relreplident::text
from schemas s join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p') and c.relreplident <> 'd'
union all
-- Columns.
select 'column option', c.oid::regclass::text || '.' || quote_ident(a.attname),
    concat_ws('; ', case when a.attstorage <> t.typstorage then 'storage ' || a.attstorage::text || ' instead of ' || t.typstorage::text end, 'compression ' || nullif(a.attcompression::text, ''),
        'statistics ' || nullif(a.attstattarget, -1)::text, o.options, 'of the wrapper ' || array_to_string(a.attfdwoptions, ', '),
        case when a.attgenerated = 'v' then 'virtual' end, case when not a.attislocal then 'inherited' end)
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'm', 'f')
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
-- `pg_attver` is the server's own: the minor releases of November 2026 stamp every column with it, another one each time.
cross join lateral (select string_agg(x.option, ', ' order by x.place) from unnest(a.attoptions) with ordinality x (option, place) where x.option not like 'pg\_attver=%') o (options)
where a.attstorage <> t.typstorage or a.attcompression <> '' or a.attstattarget >= 0 or o.options is not null or a.attfdwoptions is not null
   or a.attgenerated = 'v' or not a.attislocal
union all
select 'view column default', c.oid::regclass::text || '.' || quote_ident(a.attname), pg_get_expr(d.adbin, d.adrelid)
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind in ('v', 'f')
join pg_attribute a on a.attrelid = c.oid
join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
union all
-- Sequences: of identity columns all but the place, of others whom they belong to.
select 'sequence', c.oid::regclass::text,
    concat_ws('; ', case when d.deptype = 'i' then concat_ws(' ', format_type(q.seqtypid, null), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle) end,
        'owned by ' || d.refobjid::regclass::text || '.' || quote_ident(a.attname), case when c.relpersistence = 'u' then 'unlogged' end)
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind = 'S'
join pg_sequence q on q.seqrelid = c.oid
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where d.objid is not null or c.relpersistence = 'u'
union all
-- Constraints, indexes and triggers with something that the Catalog has no word for.
select 'constraint', coalesce(k.conrelid::regclass::text, format_type(k.contypid, null)) || '.' || quote_ident(k.conname),
    pg_get_constraintdef(k.oid) || case when k.convalidated then '' else ' unproved' end || case when k.conislocal then '' else ' inherited' end
from schemas s
join pg_constraint k on k.connamespace = s.oid
where k.contype not in ('t', 'n')
  and (k.contype = 'x' or k.condeferrable or not k.convalidated or (k.connoinherit and k.contype = 'c') or not k.conislocal
    or (k.contype = 'f' and (k.confmatchtype <> 's' or coalesce(to_jsonb(k) ->> 'confdelsetcols', '[]') <> '[]'))
    or not coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true) or coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false)
    or (k.contype = 'p' and exists (select from pg_index i where i.indexrelid = k.conindid and i.indnatts <> i.indnkeyatts)))
union all
select 'index', i.indexrelid::regclass::text, concat_ws('; ', case when not i.indisvalid then 'invalid' end, case when not i.indisready then 'not ready' end,
    case when i.indisclustered then 'clustered' end, case when i.indisreplident then 'replica identity' end,
    case when not known.modelled then pg_get_indexdef(i.indexrelid) end)
from schemas s
join pg_class x on x.relnamespace = s.oid and x.relkind in ('i', 'I')
join pg_index i on i.indexrelid = x.oid
join pg_class c on c.oid = i.indrelid
join pg_am m on m.oid = x.relam
cross join lateral (
    select m.amname in ('btree', 'hash', 'gin', 'gist', 'brin', 'spgist') and not exists (
        select from unnest(i.indkey::int2[], i.indcollation::oid[]) u (number, coll)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number
        where u.number > 0 and u.coll <> 0 and u.coll <> a.attcollation) as modelled) known
where not i.indisvalid or not i.indisready or i.indisclustered or i.indisreplident or not known.modelled
union all
select 'trigger', t.tgrelid::regclass::text || '.' || quote_ident(t.tgname),
    concat_ws('; ', 'enabled ' || t.tgenabled::text, case when t.tgconstraint <> 0 or t.tgdeferrable then pg_get_triggerdef(t.oid) end,
        'old table ' || t.tgoldtable, 'new table ' || t.tgnewtable)
from schemas s
join pg_class c on c.relnamespace = s.oid
join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
where t.tgenabled <> 'O' or t.tgconstraint <> 0 or t.tgdeferrable or t.tgoldtable is not null or t.tgnewtable is not null
union all
select 'rule', r.ev_class::regclass::text || '.' || quote_ident(r.rulename), pg_get_ruledef(r.oid) || ' enabled ' || r.ev_enabled::text
from schemas s join pg_class c on c.relnamespace = s.oid join pg_rewrite r on r.ev_class = c.oid and (r.rulename <> '_RETURN' or r.ev_enabled <> 'O')
union all
select 'statistics', quote_ident(s.nspname) || '.' || quote_ident(x.stxname), pg_get_statisticsobjdef(x.oid)
from schemas s join pg_statistic_ext x on x.stxnamespace = s.oid
union all
-- Routines and types of other kinds, and what is special about the modelled ones.
select case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure' else 'window function' end, p.oid::regprocedure::text,
    md5(case when p.prokind = 'a' then (select (to_jsonb(g) - 'aggfnoid')::text from pg_aggregate g where g.aggfnoid = p.oid) else pg_get_functiondef(p.oid) end)
        -- What was granted by default and what was granted again are the same.
        || '; privileges ' || coalesce((select string_agg(i::text, ',' order by i::text collate "C") from unnest(coalesce(p.proacl, acldefault('f', p.proowner))) i), '')
from schemas s join pg_proc p on p.pronamespace = s.oid and p.prokind <> 'f'
where not exists (select from members m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)
union all
select 'function option', p.oid::regprocedure::text,
    concat_ws('; ', case when p.proleakproof then 'leakproof' end, 'parallel ' || nullif(p.proparallel::text, 'u'),
        'cost ' || nullif(p.procost, case when l.lanname in ('c', 'internal') then 1 else 100 end)::text,
        'rows ' || nullif(p.prorows, case when p.proretset then 1000 else 0 end)::text, 'support ' || nullif(p.prosupport::oid, 0)::text,
        'variadic ' || nullif(p.provariadic, 0)::regtype::text, 'modes ' || nullif(array_to_string(p.proargmodes, ''), ''),
        'transforms ' || array_to_string(p.protrftypes::regtype[], ', '))
from schemas s join pg_proc p on p.pronamespace = s.oid and p.prokind = 'f' join pg_language l on l.oid = p.prolang
where not exists (select from members m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)
  -- Those that come with a range go with it.
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
  and (p.proleakproof or p.proparallel <> 'u' or p.procost <> case when l.lanname in ('c', 'internal') then 1 else 100 end
    or p.prorows <> case when p.proretset then 1000 else 0 end or p.prosupport <> 0 or p.provariadic <> 0
    or p.proargmodes && '{o,b}'::"char"[] or p.protrftypes is not null)
union all
select 'type', format_type(t.oid, null), concat_ws('; ', t.typtype::text, (select r.rngsubtype::regtype::text from pg_range r where r.rngtypid = t.oid), 'privileges ' || (select string_agg(i::text, ',' order by i::text collate "C") from unnest(coalesce(t.typacl, acldefault('T', t.typowner))) i))
from schemas s
join pg_type t on t.typnamespace = s.oid
left join pg_class c on c.oid = t.typrelid
where not exists (select from members m where m.classid = 'pg_type'::regclass and m.objid = t.oid)
  and (t.typtype in ('r', 'm', 'p') or (t.typtype = 'b' and not exists (select from pg_type e where e.typarray = t.oid)) or (t.typtype = 'c' and c.relkind <> 'c' and t.typacl is not null))
