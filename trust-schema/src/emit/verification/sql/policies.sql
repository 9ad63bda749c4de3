    SELECT 16, v.check_name, e.object, v.expected, coalesce(v.actual, 'missing'), NULL::boolean, false
    FROM expected_policies AS e
    LEFT JOIN relations AS r ON r.nspname = e.schema AND r.relname = e.relation
    LEFT JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid AND p.polname = e.name
    CROSS JOIN LATERAL (VALUES
      ('policy command', e.command, CASE p.polcmd WHEN '*' THEN 'all' WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' END),
      ('policy mode', e.mode, CASE WHEN p.polpermissive THEN 'permissive' WHEN p.oid IS NOT NULL THEN 'restrictive' END),
      ('policy roles', e.roles, CASE WHEN p.oid IS NOT NULL THEN (
        SELECT pg_catalog.string_agg(coalesce(o.rolname, 'public'), ', ' ORDER BY coalesce(o.rolname, 'public') COLLATE "C")
        FROM pg_catalog.unnest(p.polroles) AS u (oid) LEFT JOIN pg_catalog.pg_roles AS o ON o.oid = u.oid) END),
      ('policy expressions', e.expressions, CASE WHEN p.oid IS NOT NULL THEN
        coalesce(nullif(pg_catalog.concat_ws(', ', CASE WHEN p.polqual IS NOT NULL THEN 'USING' END, CASE WHEN p.polwithcheck IS NOT NULL THEN 'WITH CHECK' END), ''), 'none') END)
    ) AS v (check_name, expected, actual)
