    SELECT 21, 'number of seeded rows', e.object, e.expected, CASE WHEN count(s.actual) = 0 THEN 'not compared: the table or a type is not as in the spec'
      ELSE count(s.actual) FILTER (WHERE s.actual <> 'missing')::text END, NULL::boolean, false
    FROM seeds AS e
    LEFT JOIN seed_results AS s ON s.object = e.object
    GROUP BY e.object, e.expected
    UNION ALL
    SELECT 21, 'seeded row', e.object || ' ' || e.key, 'as in the spec', coalesce(s.actual, 'not compared: the table or a type is not as in the spec'), NULL::boolean, false
    FROM seeded_rows AS e
    LEFT JOIN seed_results AS s ON s.object = e.object AND s.place = e.place
