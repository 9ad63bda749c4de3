    SELECT 13, v.check_name, e.object, v.expected, coalesce(v.actual, 'missing'), NULL::boolean, v.blocking
    FROM expected_functions AS e
    LEFT JOIN functions AS f ON f.nspname = e.schema AND f.proname = e.name AND f.arguments = e.arguments
    CROSS JOIN LATERAL (VALUES
      ('function exists', 'exists', CASE WHEN f.oid IS NOT NULL THEN 'exists' END, true),
      ('function security', e.security, CASE WHEN f.prosecdef THEN 'definer' WHEN f.oid IS NOT NULL THEN 'invoker' END, false),
      ('function volatility', e.volatility, CASE f.provolatile WHEN 'v' THEN 'volatile' WHEN 's' THEN 'stable' WHEN 'i' THEN 'immutable' END, false),
      ('function language', e.language, f.lanname::text, false),
      ('function settings', e.settings, CASE WHEN f.oid IS NOT NULL THEN coalesce((
        SELECT pg_catalog.string_agg(s.setting, '; ' ORDER BY s.setting COLLATE "C") FROM pg_catalog.unnest(f.proconfig) AS s (setting)), 'none') END, false),
      ('function result', e.result, f.result, false),
      ('function arguments', e.parameters, CASE WHEN f.oid IS NOT NULL THEN
        coalesce(nullif(pg_catalog.array_to_string(f.proargnames[1:f.pronargs], ', '), ''), 'none')
        || CASE WHEN f.pronargdefaults > 0 THEN ', the last ' || f.pronargdefaults || ' optional' ELSE '' END
        || CASE WHEN f.proisstrict THEN ', strict' ELSE '' END END, false),
      ('function body (SHA-256)', e.body, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(f.prosrc, 'UTF8')), 'hex'), false)
    ) AS v (check_name, expected, actual, blocking)
