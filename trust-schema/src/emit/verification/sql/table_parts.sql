    SELECT 9, 'no other ' || e.part, e.object, e.expected, CASE WHEN r.oid IS NULL THEN 'missing' ELSE coalesce(CASE e.part
      WHEN 'columns' THEN (
        SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY a.attname COLLATE "C")
        FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)
      WHEN 'constraints' THEN (
        SELECT pg_catalog.string_agg(k.conname, ', ' ORDER BY k.conname COLLATE "C")
        FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = r.oid AND k.contype IN ('p', 'u', 'c', 'f', 'x'))
      WHEN 'triggers' THEN (
        SELECT pg_catalog.string_agg(g.tgname, ', ' ORDER BY g.tgname COLLATE "C")
        FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = r.oid AND NOT g.tgisinternal)
      WHEN 'policies' THEN (
        SELECT pg_catalog.string_agg(p.polname, ', ' ORDER BY p.polname COLLATE "C") FROM pg_catalog.pg_policy AS p WHERE p.polrelid = r.oid)
      WHEN 'rules' THEN (
        SELECT pg_catalog.string_agg(w.rulename, ', ' ORDER BY w.rulename COLLATE "C") FROM pg_catalog.pg_rewrite AS w WHERE w.ev_class = r.oid)
      END, 'none') END, NULL::boolean, false
    FROM expected_table_parts AS e
    LEFT JOIN relations AS r ON r.nspname = e.schema AND r.relname = e.name AND r.relkind IN ('r', 'p')
