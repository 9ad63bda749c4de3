-- confdelsetcols is missing before PostgreSQL 15: through jsonb its absence is no error.
-- Those of partitions follow from the one of their parent.
select jsonb_build_object(
    'table', jsonb_build_object('schema', s.nspname, 'name', c.relname),
    'name', k.conname,
    'columns', (
        select jsonb_agg(a.attname order by u.place)
        from unnest(k.conkey) with ordinality u (number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
    'references', jsonb_build_object('schema', rn.nspname, 'name', r.relname),
    'referenced_columns', (
        select jsonb_agg(a.attname order by u.place)
        from unnest(k.confkey) with ordinality u (number, place)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number),
    'on_delete', case k.confdeltype when 'a' then 'no_action' when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set_null' when 'd' then 'set_default' end,
    'on_update', case k.confupdtype when 'a' then 'no_action' when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set_null' when 'd' then 'set_default' end,
    'delete_columns', coalesce((
        select jsonb_agg(a.attname order by u.place)
        from jsonb_array_elements_text(case when k.confdeltype in ('n', 'd') then nullif(to_jsonb(k) -> 'confdelsetcols', 'null') end)
            with ordinality u (number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number::int2), '[]')) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p')
join pg_constraint k on k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0
join pg_class r on r.oid = k.confrelid
join pg_namespace rn on rn.oid = r.relnamespace
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
