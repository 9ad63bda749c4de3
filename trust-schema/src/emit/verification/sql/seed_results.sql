  seed_results AS MATERIALIZED (
    SELECT e.object, pg_catalog.split_part(l.line, '|', 1)::integer AS place, pg_catalog.split_part(l.line, '|', 2) AS actual
    FROM seeds AS e
    CROSS JOIN LATERAL (
      -- Run as text, so that a missing table is no error of the whole; and only where everything that it refers to is as it should be.
      SELECT CASE WHEN NOT EXISTS (SELECT FROM structure AS f WHERE f.blocking AND f.passed IS NOT TRUE AND f.object = ANY (e.needs))
        THEN substring(pg_catalog.query_to_xml(e.query, false, true, '')::text FROM '<actual>(.*)</actual>') END
    ) AS r (text)
    CROSS JOIN LATERAL pg_catalog.regexp_split_to_table(r.text, pg_catalog.chr(10)) AS l (line)
  )
