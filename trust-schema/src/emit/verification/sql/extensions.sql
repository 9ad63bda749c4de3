    SELECT 3, 'extension installed', e.object, 'in schema ' || e.schema, coalesce('in schema ' || n.nspname, 'missing'), NULL::boolean, true
    FROM expected_extensions AS e
    LEFT JOIN pg_catalog.pg_extension AS x ON x.extname = e.name
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = x.extnamespace
