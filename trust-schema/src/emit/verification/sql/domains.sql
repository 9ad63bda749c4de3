    SELECT 5, 'domain', e.object, e.expected,
      CASE WHEN t.oid IS NULL THEN 'missing'
        ELSE CASE WHEN b.is_builtin THEN replace(pg_catalog.format_type(t.typbasetype, t.typtypmod), '"', '') ELSE b.name END
          || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
          || coalesce((
            SELECT ' CONSTRAINT ' || pg_catalog.string_agg(CASE WHEN k.conname ~ '^[a-z_][a-z0-9_]*$' THEN k.conname::text ELSE pg_catalog.quote_ident(k.conname) END, ', ' ORDER BY k.conname)
            FROM pg_catalog.pg_constraint AS k WHERE k.contypid = t.oid AND k.contype = 'c'), '') END, NULL::boolean, true
    FROM expected_domains AS e
    LEFT JOIN types AS t ON t.nspname = e.schema AND t.typname = e.name AND t.typtype = 'd'
    LEFT JOIN types AS b ON b.oid = t.typbasetype
