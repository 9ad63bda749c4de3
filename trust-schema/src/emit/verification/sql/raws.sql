    SELECT 23, 'query of the raw block', e.object, 'true',
      CASE WHEN EXISTS (SELECT FROM structure AS f WHERE f.blocking AND f.passed IS NOT TRUE AND f.object = ANY (e.needs)) THEN 'not run: an object that it needs is not as in the spec'
        ELSE substring(pg_catalog.query_to_xml(e.query, false, true, '')::text FROM '<actual>(.*)</actual>') END, NULL::boolean, false
    FROM raws AS e
