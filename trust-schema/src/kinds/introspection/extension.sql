-- An extension stands outside the schemas asked for: only its objects lie in one.
select jsonb_build_object('name', e.extname, 'schema', n.nspname) as payload
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
where n.nspname <> 'pg_catalog'
