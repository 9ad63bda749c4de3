    SELECT 12, 'index', e.object, e.expected,
      CASE WHEN i.indexrelid IS NULL THEN 'missing' ELSE
        CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || i.amname || ' ON ' || i.table_name || ' (' || i.keys || ')'
        || coalesce(' INCLUDE (' || i.included || ')', '')
        || CASE WHEN i.indnullsnotdistinct THEN ' NULLS NOT DISTINCT' ELSE '' END
        || CASE WHEN i.is_partial THEN ' WHERE' ELSE '' END
        || CASE WHEN i.is_valid THEN '' ELSE ' INVALID' END
      END, NULL::boolean, false
    FROM expected_indexes AS e
    LEFT JOIN indexes AS i ON i.nspname = e.schema AND i.relname = e.name
