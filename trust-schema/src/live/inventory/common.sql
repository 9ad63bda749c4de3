, relations as (
    select c.*, s.nspname
    from schemas s join pg_class c on c.relnamespace = s.oid
    where not exists (select from members m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
), routines as (
    select p.*, s.nspname
    from schemas s join pg_proc p on p.pronamespace = s.oid
    where not exists (select from members m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)
), types as (
    select t.*, s.nspname
    from schemas s join pg_type t on t.typnamespace = s.oid
    where not exists (select from members m where m.classid = 'pg_type'::regclass and m.objid = t.oid)
)
