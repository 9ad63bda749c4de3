-- What PostgreSQL 14 has not, empty: such a name stands before the one of pg_catalog.
, pg_publication_rel as (
    select oid, prpubid, prrelid, null::int2vector as prattrs, null::pg_node_tree as prqual from pg_catalog.pg_publication_rel
), pg_publication_namespace as (
    select null::oid as oid, null::oid as pnpubid, null::oid as pnnspid where false
), pg_parameter_acl as (
    select null::oid as oid, null::text as parname, null::aclitem[] as paracl where false
)
