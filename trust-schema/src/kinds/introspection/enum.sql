select jsonb_build_object(
    'schema', s.nspname,
    'name', t.typname,
    'values', (select coalesce(jsonb_agg(e.enumlabel order by e.enumsortorder), '[]') from pg_enum e where e.enumtypid = t.oid)) as payload
from schemas s
join pg_type t on t.typnamespace = s.oid and t.typtype = 'e'
where not exists (select from members m where m.classid = 'pg_type'::regclass and m.objid = t.oid)
