    SELECT 7, 'sequence', e.object, e.expected,
      CASE WHEN q.seqrelid IS NULL THEN 'missing'
        ELSE pg_catalog.format_type(q.seqtypid, NULL) || ' start ' || q.seqstart || ' increment ' || q.seqincrement || ' from ' || q.seqmin || ' to ' || q.seqmax
          || ' cache ' || q.seqcache || CASE WHEN q.seqcycle THEN ' cycle' ELSE '' END END, NULL::boolean, true
    FROM expected_sequences AS e
    LEFT JOIN relations AS r ON r.nspname = e.schema AND r.relname = e.name AND r.relkind = 'S'
    LEFT JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = r.oid
