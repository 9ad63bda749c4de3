    SELECT 22, 'schedule', e.object, 'scheduled', coalesce(x.actual, 'not scheduled: pg_cron is not installed'), coalesce(x.actual = 'scheduled', true), false
    FROM schedules AS e
    LEFT JOIN LATERAL (
      SELECT substring(pg_catalog.query_to_xml(e.query, false, true, '')::text FROM '<actual>(.*)</actual>')
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'cron' AND c.relname = 'job' AND c.relkind = 'r'
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
    ) AS x (actual) ON true
