-- In front of every query of a kind: the schemas asked for (all but the system's where none are), and the objects of extensions.
with schemas as (
    select n.oid, n.nspname, n.nspowner, n.nspacl
    from pg_namespace n
    where case when $1::text[] is null then n.nspname !~ '^pg_' and n.nspname <> 'information_schema' else n.nspname = any ($1) end
), members as (
    select classid, objid from pg_depend where deptype = 'e'
)
