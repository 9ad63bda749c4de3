-- Those behind constraints are the constraints' own, those of partitions follow from the one of their parent.
-- Bit 1 of indoption is DESC, bit 2 NULLS FIRST; DESC has NULLS FIRST by default.
select jsonb_build_object(
    'table', jsonb_build_object('schema', s.nspname, 'name', c.relname),
    'name', x.relname,
    'method', am.amname,
    'unique', i.indisunique,
    'nulls_not_distinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
    'elements', (
        select jsonb_agg(jsonb_build_object(
            'key', case when u.number = 0 then jsonb_build_object('expression', pg_get_indexdef(i.indexrelid, u.place::int, false))
                else jsonb_build_object('column', a.attname) end,
            'descending', u.option & 1 = 1,
            'nulls', case u.option & 3 when 1 then 'last' when 2 then 'first' end,
            'operator_class', case when not o.opcdefault then o.opcname end) order by u.place)
        from unnest(i.indkey::int2[], i.indoption::int2[], i.indclass::oid[]) with ordinality u (number, option, class, place)
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number and u.number <> 0
        left join pg_opclass o on o.oid = u.class
        where u.place <= i.indnkeyatts),
    'include', (
        select coalesce(jsonb_agg(a.attname order by u.place), '[]')
        from unnest(i.indkey::int2[]) with ordinality u (number, place)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number
        where u.place > i.indnkeyatts),
    'predicate', pg_get_expr(i.indpred, i.indrelid)) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p')
join pg_index i on i.indrelid = c.oid
join pg_class x on x.oid = i.indexrelid and not x.relispartition
join pg_am am on am.oid = x.relam and am.amname in ('btree', 'hash', 'gin', 'gist', 'brin', 'spgist')
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = x.oid)
  and not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
  and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
