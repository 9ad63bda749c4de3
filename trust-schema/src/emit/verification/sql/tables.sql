    SELECT 8, v.check_name, e.object, v.expected, coalesce(v.actual, 'missing'), v.passed, v.blocking
    FROM expected_tables AS e
    LEFT JOIN relations AS r ON r.nspname = e.schema AND r.relname = e.name AND r.relkind IN ('r', 'p')
    CROSS JOIN LATERAL (VALUES
      ('table exists', 'exists', pg_catalog.pg_size_pretty(pg_catalog.pg_total_relation_size(r.oid)), r.oid IS NOT NULL, true),
      ('row-level security', e.row_level_security,
        CASE WHEN r.relrowsecurity AND r.relforcerowsecurity THEN 'enabled and forced' WHEN r.relrowsecurity THEN 'enabled' WHEN r.oid IS NOT NULL THEN 'disabled' END,
        NULL::boolean, false),
      ('persistence', e.persistence, CASE r.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END, NULL::boolean, false)
    ) AS v (check_name, expected, actual, passed, blocking)
