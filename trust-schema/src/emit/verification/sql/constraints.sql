    SELECT 11, e.kind, e.object, e.expected,
      CASE WHEN k.oid IS NULL THEN 'missing' ELSE
        CASE k.contype
          WHEN 'p' THEN 'PRIMARY KEY (' || i.keys || ')'
          WHEN 'u' THEN 'UNIQUE' || CASE WHEN i.indnullsnotdistinct THEN ' NULLS NOT DISTINCT' ELSE '' END
            || ' (' || i.keys || ')' || coalesce(' INCLUDE (' || i.included || ')', '')
          WHEN 'c' THEN 'CHECK'
          WHEN 'f' THEN 'FOREIGN KEY (' || (
              SELECT pg_catalog.string_agg(CASE WHEN a.attname ~ '^[a-z_][a-z0-9_]*$' THEN a.attname::text ELSE pg_catalog.quote_ident(a.attname) END, ', ' ORDER BY u.place)
              FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (attnum, place)
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.attnum)
            || ') REFERENCES ' || (
              SELECT CASE WHEN n.nspname ~ '^[a-z_][a-z0-9_]*$' THEN n.nspname::text ELSE pg_catalog.quote_ident(n.nspname) END || '.' || CASE WHEN c.relname ~ '^[a-z_][a-z0-9_]*$' THEN c.relname::text ELSE pg_catalog.quote_ident(c.relname) END
              FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = k.confrelid)
            || ' (' || (
              SELECT pg_catalog.string_agg(CASE WHEN a.attname ~ '^[a-z_][a-z0-9_]*$' THEN a.attname::text ELSE pg_catalog.quote_ident(a.attname) END, ', ' ORDER BY u.place)
              FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (attnum, place)
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.attnum)
            || ')'
            || CASE k.confdeltype WHEN 'r' THEN ' ON DELETE RESTRICT' WHEN 'c' THEN ' ON DELETE CASCADE' WHEN 'n' THEN ' ON DELETE SET NULL'
              WHEN 'd' THEN ' ON DELETE SET DEFAULT' ELSE '' END
            || CASE k.confupdtype WHEN 'r' THEN ' ON UPDATE RESTRICT' WHEN 'c' THEN ' ON UPDATE CASCADE' WHEN 'n' THEN ' ON UPDATE SET NULL'
              WHEN 'd' THEN ' ON UPDATE SET DEFAULT' ELSE '' END
          ELSE 'constraint of kind ' || k.contype::text END
        || CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
        || CASE WHEN k.convalidated AND coalesce(i.is_valid, true) THEN '' ELSE ' NOT VALID' END
      END, NULL::boolean, false
    FROM expected_constraints AS e
    LEFT JOIN relations AS r ON r.nspname = e.schema AND r.relname = e.relation AND r.relkind IN ('r', 'p')
    LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid AND k.conname = e.name
    LEFT JOIN indexes AS i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
