-- Role 0 is PUBLIC.
select jsonb_build_object(
    'table', jsonb_build_object('schema', s.nspname, 'name', c.relname),
    'name', p.polname,
    'command', case p.polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' end,
    'permissive', p.polpermissive,
    'roles', (
        select jsonb_agg(r.name order by r.name collate "C")
        from (select case when u.role = 0 then 'public' else pg_get_userbyid(u.role)::text end from unnest(p.polroles) u (role)) r (name)),
    'using', pg_get_expr(p.polqual, p.polrelid),
    'check', pg_get_expr(p.polwithcheck, p.polrelid)) as payload
from schemas s
join pg_class c on c.relnamespace = s.oid
join pg_policy p on p.polrelid = c.oid
where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
