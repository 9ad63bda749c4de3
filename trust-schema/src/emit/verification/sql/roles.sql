    SELECT 1, 'role exists', 'role ' || e.role, 'exists', CASE WHEN r.oid IS NULL THEN 'missing' ELSE 'exists' END, NULL::boolean, true
    FROM expected_roles AS e
    LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = e.role
    WHERE e.role <> 'PUBLIC'
