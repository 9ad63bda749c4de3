    SELECT 14, 'view', e.object, e.expected,
      CASE WHEN r.oid IS NULL THEN 'missing' ELSE coalesce((
        SELECT pg_catalog.string_agg(o.option, ', ' ORDER BY o.option COLLATE "C") FROM pg_catalog.unnest(r.reloptions) AS o (option)), 'none') END, NULL::boolean, true
    FROM expected_views AS e
    LEFT JOIN relations AS r ON r.nspname = e.schema AND r.relname = e.name AND r.relkind = 'v'
