    SELECT 6, 'composite type', e.object, e.expected,
      CASE WHEN r.oid IS NULL THEN 'missing' ELSE coalesce(a.listed, 'none') END, NULL::boolean, true
    FROM expected_composites AS e
    LEFT JOIN relations AS r ON r.nspname = e.schema AND r.relname = e.name AND r.relkind = 'c'
    LEFT JOIN (
      SELECT a.attrelid, pg_catalog.string_agg(CASE WHEN a.attname ~ '^[a-z_][a-z0-9_]*$' THEN a.attname::text ELSE pg_catalog.quote_ident(a.attname) END || ' ' || a.type_name, ', ' ORDER BY a.attnum) AS listed
      FROM attributes AS a GROUP BY a.attrelid) AS a ON a.attrelid = r.oid
