    SELECT 24, e.expected || ' ' || e.what || ' in ' || e.schema, 'schema ' || e.schema, e.expected, CASE e.kind
      WHEN 'table' THEN (
        SELECT count(*) FROM relations AS r WHERE r.nspname = e.schema AND r.relkind IN ('r', 'p')
          AND (e.is_closed OR r.relname IN (SELECT t.name FROM expected_names AS t WHERE t.kind = e.kind AND t.schema = e.schema)))
      WHEN 'view' THEN (
        SELECT count(*) FROM relations AS r WHERE r.nspname = e.schema AND r.relkind = 'v'
          AND (e.is_closed OR r.relname IN (SELECT t.name FROM expected_names AS t WHERE t.kind = e.kind AND t.schema = e.schema)))
      WHEN 'sequence' THEN (
        SELECT count(*) FROM relations AS r WHERE r.nspname = e.schema AND r.relkind = 'S'
          AND (e.is_closed OR r.relname IN (SELECT t.name FROM expected_names AS t WHERE t.kind = e.kind AND t.schema = e.schema)))
      WHEN 'type' THEN (
        SELECT count(*) FROM types AS t LEFT JOIN relations AS r ON r.oid = t.typrelid
        WHERE t.nspname = e.schema AND (t.typtype IN ('e', 'd') OR r.relkind = 'c')
          AND (e.is_closed OR t.typname IN (SELECT x.name FROM expected_names AS x WHERE x.kind = e.kind AND x.schema = e.schema)))
      -- By name, so that an overload of a function of the spec is one too many.
      WHEN 'function' THEN (
        SELECT count(*) FROM functions AS f WHERE f.nspname = e.schema AND f.proname ~ e.pattern
          AND (e.is_closed OR f.proname IN (SELECT t.name FROM expected_names AS t WHERE t.kind = e.kind AND t.schema = e.schema)))
      END::text, NULL::boolean, false
    FROM expected_counts AS e
