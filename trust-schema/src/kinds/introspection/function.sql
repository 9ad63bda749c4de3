-- Procedures, aggregates and window functions are not modelled, nor are OUT and VARIADIC arguments beyond their types.
-- An SQL-standard body has no source text of its own; PostgreSQL prints it.
select jsonb_build_object(
    'schema', s.nspname,
    'name', p.proname,
    'arguments', (
        select coalesce(jsonb_agg(jsonb_build_object(
            'name', coalesce(p.proargnames[u.place], ''),
            'data_type', format_type(u.type, null),
            'default', pg_get_function_arg_default(p.oid, u.place::int)) order by u.place), '[]')
        from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality u (type, place)
        where coalesce(p.proargmodes[u.place], 'i') in ('i', 'b', 'v')),
    'returns', case
        when p.proretset and 't' = any (p.proargmodes) then jsonb_build_object('table', (
            select jsonb_agg(jsonb_build_array(coalesce(p.proargnames[u.place], ''), format_type(u.type, null)) order by u.place)
            from unnest(p.proallargtypes) with ordinality u (type, place)
            where p.proargmodes[u.place] = 't'))
        when p.proretset then jsonb_build_object('set_of', format_type(p.prorettype, null))
        else jsonb_build_object('type', format_type(p.prorettype, null)) end,
    'language', l.lanname,
    'volatility', case p.provolatile when 'v' then 'volatile' when 's' then 'stable' else 'immutable' end,
    'security', case when p.prosecdef then 'definer' else 'invoker' end,
    'strict', p.proisstrict,
    'settings', (
        select coalesce(jsonb_object_agg(split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)), '{}')
        from unnest(p.proconfig) setting),
    'body', coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)) as payload
from schemas s
join pg_proc p on p.pronamespace = s.oid and p.prokind = 'f'
join pg_language l on l.oid = p.prolang
where not exists (select from members m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)
  -- Those that come with a range type go with it.
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
