    SELECT 4, 'enum labels', e.object, e.expected,
      CASE WHEN t.oid IS NULL THEN 'missing' ELSE coalesce((
        SELECT pg_catalog.string_agg(pg_catalog.quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)
        FROM pg_catalog.pg_enum AS l WHERE l.enumtypid = t.oid), 'none') END, NULL::boolean, true
    FROM expected_enums AS e
    LEFT JOIN types AS t ON t.nspname = e.schema AND t.typname = e.name AND t.typtype = 'e'
