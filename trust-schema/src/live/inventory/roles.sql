select r.rolname::text, r.rolsuper, r.rolcanlogin, r.rolbypassrls, r.rolinherit,
    array(select pg_get_userbyid(m.roleid)::text from pg_auth_members m where m.member = r.oid order by 1), r.oid >= 16384
from pg_roles r where r.rolname !~ '^pg_'
