select d.classoid::regclass::text, d.objoid::int8, d.objsubid, i.type, i.identity, d.description
from pg_description d cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i
where (d.objoid >= 16384 or (d.classoid = 'pg_namespace'::regclass and exists (select from schemas s where s.oid = d.objoid and s.nspname <> 'public')))
  and not exists (select from members m where m.classid = d.classoid and m.objid = d.objoid)
