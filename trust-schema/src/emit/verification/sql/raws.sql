    SELECT 23, 'query of the raw block', e.object, 'true',
      CASE WHEN EXISTS (SELECT FROM structure AS f WHERE f.blocking AND f.passed IS NOT TRUE) THEN 'not run: objects are missing'
        ELSE substring(pg_catalog.query_to_xml(e.query, false, true, '')::text FROM '<actual>(.*)</actual>') END, NULL::boolean, false
    FROM raws AS e
