select jsonb_build_object(
    'schema', s.nspname,
    'name', c.relname,
    'columns', (
        select coalesce(jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum), '[]')
        from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0),
    'query', rtrim(pg_get_viewdef(c.oid), ';'),
    'security_invoker', coalesce((
        select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false),
    'check_option', (select o.option_value from pg_options_to_table(c.reloptions) o where o.option_name = 'check_option')) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid and c.relkind = 'v'
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
