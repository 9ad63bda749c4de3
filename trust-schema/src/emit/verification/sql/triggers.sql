    SELECT 15, v.check_name, e.object, v.expected, coalesce(v.actual, 'missing'), NULL::boolean, false
    FROM expected_triggers AS e
    LEFT JOIN relations AS r ON r.nspname = e.schema AND r.relname = e.relation
    LEFT JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = r.oid AND g.tgname = e.name AND NOT g.tgisinternal
    LEFT JOIN pg_catalog.pg_proc AS p ON p.oid = g.tgfoid
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    CROSS JOIN LATERAL (VALUES
      ('trigger', e.expected,
        CASE WHEN g.tgtype & 64 = 64 THEN 'INSTEAD OF' WHEN g.tgtype & 2 = 2 THEN 'BEFORE' ELSE 'AFTER' END
        || CASE WHEN g.tgtype & 4 = 4 THEN ' INSERT' ELSE '' END
        || CASE WHEN g.tgtype & 16 = 16 THEN ' UPDATE' ELSE '' END
        || CASE WHEN g.tgtype & 8 = 8 THEN ' DELETE' ELSE '' END
        || CASE WHEN g.tgtype & 32 = 32 THEN ' TRUNCATE' ELSE '' END
        || CASE WHEN g.tgtype & 1 = 1 THEN ' FOR EACH ROW' ELSE ' FOR EACH STATEMENT' END
        || CASE WHEN g.tgqual IS NULL THEN '' ELSE ' WHEN' END
        || ' EXECUTE ' || CASE WHEN n.nspname ~ '^[a-z_][a-z0-9_]*$' THEN n.nspname::text ELSE pg_catalog.quote_ident(n.nspname) END || '.' || CASE WHEN p.proname ~ '^[a-z_][a-z0-9_]*$' THEN p.proname::text ELSE pg_catalog.quote_ident(p.proname) END),
      ('trigger enabled', 'enabled', CASE g.tgenabled WHEN 'O' THEN 'enabled' WHEN 'A' THEN 'enabled' WHEN 'R' THEN 'replica only' WHEN 'D' THEN 'disabled' END)
    ) AS v (check_name, expected, actual)
