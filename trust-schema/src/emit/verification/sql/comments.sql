    SELECT 20, 'comment', e.object, e.expected, coalesce(d.description, 'missing'), NULL::boolean, false
    FROM expected_comments AS e
    LEFT JOIN (
      SELECT 'schema' AS kind, n.nspname::text AS schema, '' AS owner, '' AS name, 'pg_catalog.pg_namespace'::regclass::oid AS class, n.oid, 0 AS part
      FROM pg_catalog.pg_namespace AS n
      UNION ALL
      SELECT 'relation', r.nspname::text, '', r.relname::text, 'pg_catalog.pg_class'::regclass, r.oid, 0
      FROM relations AS r WHERE r.relkind <> 'c'
      UNION ALL
      SELECT 'column', a.nspname::text, a.relname::text, a.attname::text, 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum
      FROM attributes AS a
      UNION ALL
      SELECT 'type', t.nspname::text, '', t.typname::text, 'pg_catalog.pg_type'::regclass, t.oid, 0
      FROM types AS t
      UNION ALL
      SELECT 'function', f.nspname::text, f.arguments, f.proname::text, 'pg_catalog.pg_proc'::regclass, f.oid, 0
      FROM functions AS f
      UNION ALL
      SELECT 'constraint', r.nspname::text, r.relname::text, k.conname::text, 'pg_catalog.pg_constraint'::regclass, k.oid, 0
      FROM relations AS r JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid
      UNION ALL
      SELECT 'trigger', r.nspname::text, r.relname::text, g.tgname::text, 'pg_catalog.pg_trigger'::regclass, g.oid, 0
      FROM relations AS r JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = r.oid
      UNION ALL
      SELECT 'policy', r.nspname::text, r.relname::text, p.polname::text, 'pg_catalog.pg_policy'::regclass, p.oid, 0
      FROM relations AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
    ) AS o ON o.kind = e.kind AND o.schema = e.schema AND o.owner = e.owner AND o.name = e.name
    LEFT JOIN pg_catalog.pg_description AS d ON d.classoid = o.class AND d.objoid = o.oid AND d.objsubid = o.part
