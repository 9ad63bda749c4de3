    SELECT 2, 'schema exists', e.object, 'exists', CASE WHEN n.oid IS NULL THEN 'missing' ELSE 'exists' END, NULL::boolean, true
    FROM expected_schemas AS e
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = e.schema
