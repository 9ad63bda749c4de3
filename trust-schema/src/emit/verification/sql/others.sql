    SELECT 25, 'nothing that the spec does not declare', e.object, 'none', coalesce((
      SELECT pg_catalog.string_agg(o.name, ', ' ORDER BY o.name COLLATE "C") FROM (
        SELECT CASE r.relkind WHEN 'S' THEN 'sequence ' WHEN 'v' THEN 'view ' ELSE 'table ' END || r.relname
        FROM relations AS r
        WHERE r.nspname = e.schema AND r.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND r.oid NOT IN (SELECT s.oid FROM secured AS s WHERE s.kind IN ('relation', 'sequence') AND s.oid IS NOT NULL)
        UNION ALL
        SELECT 'function ' || f.proname || '(' || f.arguments || ')'
        FROM functions AS f
        WHERE f.nspname = e.schema AND f.oid NOT IN (SELECT s.oid FROM secured AS s WHERE s.kind = 'function' AND s.oid IS NOT NULL)
        UNION ALL
        SELECT 'type ' || t.typname
        FROM types AS t LEFT JOIN relations AS r ON r.oid = t.typrelid
        WHERE t.nspname = e.schema AND (t.typtype IN ('e', 'd') OR r.relkind = 'c')
          AND t.oid NOT IN (SELECT s.oid FROM secured AS s WHERE s.kind = 'type' AND s.oid IS NOT NULL)
      ) AS o (name)), 'none'), NULL::boolean, false
    FROM closed_schemas AS e
