-- tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate, 64 instead of (src/include/catalog/pg_trigger.h).
-- pg_get_expr cannot print a condition over both rows, so it is taken out of the definition. tgargs ends each argument with a NUL.
select jsonb_build_object(
    'table', jsonb_build_object('schema', s.nspname, 'name', c.relname),
    'name', t.tgname,
    'when', case when t.tgtype & 64 <> 0 then 'instead_of' when t.tgtype & 2 <> 0 then 'before' else 'after' end,
    'events', (
        select jsonb_agg(e.name order by e.place)
        from (values (1, 4, 'insert'), (2, 16, 'update'), (3, 8, 'delete'), (4, 32, 'truncate')) e (place, bit, name)
        where t.tgtype & e.bit <> 0),
    'update_of', (
        select coalesce(jsonb_agg(a.attname order by u.place), '[]')
        from unnest(t.tgattr::int2[]) with ordinality u (number, place)
        join pg_attribute a on a.attrelid = t.tgrelid and a.attnum = u.number),
    'for_each', case when t.tgtype & 1 <> 0 then 'row' else 'statement' end,
    'condition', case when t.tgqual is not null then
        substring(pg_get_triggerdef(t.oid, false) from ' FOR EACH (?:ROW|STATEMENT) WHEN \((.*)\) EXECUTE FUNCTION ') end,
    'function', jsonb_build_object('schema', pn.nspname, 'name', p.proname),
    'arguments', (
        select coalesce(jsonb_agg(convert_from(substring(t.tgargs from z.before + 2 for z.i - z.before - 1), getdatabaseencoding()) order by z.i), '[]')
        from (
            select i, coalesce(lag(i) over (order by i), -1) as before
            from generate_series(0, octet_length(t.tgargs) - 1) i
            where get_byte(t.tgargs, i) = 0) z)) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid
join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal and t.tgparentid = 0
join pg_proc p on p.oid = t.tgfoid
join pg_namespace pn on pn.oid = p.pronamespace
where not exists (select from members m where m.classid = 'pg_trigger'::regclass and m.objid = t.oid)
  and not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
