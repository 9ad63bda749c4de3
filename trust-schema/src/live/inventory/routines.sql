-- Functions, procedures and aggregates.
select case p.prokind when 'f' then 'function' when 'p' then 'procedure' when 'a' then 'aggregate' else 'window function' end,
    'pg_proc', p.oid::int8, 0, p.nspname::text, p.proname::text,
    case when p.prokind = 'f' and l.lanname in ('sql', 'plpgsql') and p.prosqlbody is null and p.proconfig = array['search_path=pg_catalog, pg_temp']
        and not p.proleakproof and p.proparallel = 'u' and p.procost = 100 and p.prorows = case when p.proretset then 1000 else 0 end and p.prosupport = 0 and p.provariadic = 0
        and not coalesce(p.proargmodes && '{o,b}'::"char"[], false) and p.protrftypes is null
        and not exists (select from generate_series(1, p.pronargs) g where coalesce(p.proargnames[g], '') = '')
        then 'function ' || quote_ident(p.nspname) || '.' || quote_ident(p.proname) || '(' || coalesce((
            select string_agg(format_type(u.type, null), ', ' order by u.place) from unnest(p.proargtypes::oid[]) with ordinality u (type, place)), '') || ')' end,
    case when p.prokind <> 'a' then pg_get_functiondef(p.oid) else (
        select 'CREATE AGGREGATE ' || quote_ident(p.nspname) || '.' || quote_ident(p.proname) || '(' || case when p.pronargs = 0 then '*' else pg_get_function_arguments(p.oid) end || ') ('
            || concat_ws(', ', 'SFUNC = ' || g.aggtransfn::oid::regproc::text, 'STYPE = ' || format_type(g.aggtranstype, null), 'SSPACE = ' || nullif(g.aggtransspace, 0),
                'FINALFUNC = ' || nullif(g.aggfinalfn::oid, 0)::regproc::text, case when g.aggfinalextra then 'FINALFUNC_EXTRA' end,
                case when g.aggfinalfn <> 0 then 'FINALFUNC_MODIFY = ' || case g.aggfinalmodify when 'r' then 'READ_ONLY' when 's' then 'SHAREABLE' else 'READ_WRITE' end end,
                'COMBINEFUNC = ' || nullif(g.aggcombinefn::oid, 0)::regproc::text, 'SERIALFUNC = ' || nullif(g.aggserialfn::oid, 0)::regproc::text, 'DESERIALFUNC = ' || nullif(g.aggdeserialfn::oid, 0)::regproc::text,
                'INITCOND = ' || quote_literal(g.agginitval), 'MSFUNC = ' || nullif(g.aggmtransfn::oid, 0)::regproc::text, 'MINVFUNC = ' || nullif(g.aggminvtransfn::oid, 0)::regproc::text,
                'MSTYPE = ' || format_type(nullif(g.aggmtranstype, 0), null), 'MSSPACE = ' || nullif(g.aggmtransspace, 0), 'MFINALFUNC = ' || nullif(g.aggmfinalfn::oid, 0)::regproc::text,
                case when g.aggmfinalextra then 'MFINALFUNC_EXTRA' end,
                case when g.aggmfinalfn <> 0 then 'MFINALFUNC_MODIFY = ' || case g.aggmfinalmodify when 'r' then 'READ_ONLY' when 's' then 'SHAREABLE' else 'READ_WRITE' end end,
                'MINITCOND = ' || quote_literal(g.aggminitval),
                'SORTOP = OPERATOR(' || (select quote_ident(n.nspname) || '.' || o.oprname from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where o.oid = g.aggsortop) || ')',
                case p.proparallel when 's' then 'PARALLEL = SAFE' when 'r' then 'PARALLEL = RESTRICTED' end, case g.aggkind when 'h' then 'HYPOTHETICAL' end) || ')'
        from pg_aggregate g where g.aggfnoid = p.oid) end,
    null, pg_get_userbyid(p.proowner)::text, null, null::int8,
    case when l.lanname in ('c', 'internal') and p.prokind <> 'a' then 'report: only a superuser can create a function in language ' || l.lanname
        when not l.lanpltrusted and p.prokind <> 'a' then 'report: only a superuser can create a function in the untrusted language ' || l.lanname else 'object' end
from routines p join pg_language l on l.oid = p.prolang
where not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
union all
select 'function of a type', 'pg_proc', p.oid::int8, 0, null, null, null, null, null, null, d.refclassid::regclass::text, d.refobjid::int8, 'alias'
from routines p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i'
