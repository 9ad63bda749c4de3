select jsonb_build_object('name', s.nspname) as payload
from schemas s
where not exists (select from members m where m.classid = 'pg_namespace'::regclass and m.objid = s.oid)
