    SELECT 20, 'comment', e.object, e.expected, coalesce(d.description, 'missing'), NULL::boolean, false
    FROM expected_comments AS e
    LEFT JOIN LATERAL (
      SELECT 'pg_catalog.pg_namespace'::regclass::oid AS class, n.oid, 0 AS part
      FROM pg_catalog.pg_namespace AS n WHERE e.kind = 'schema' AND n.nspname = e.schema
      UNION ALL
      SELECT 'pg_catalog.pg_class'::regclass, r.oid, 0
      FROM relations AS r WHERE e.kind = 'relation' AND r.nspname = e.schema AND r.relname = e.name AND r.relkind <> 'c'
      UNION ALL
      SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum
      FROM attributes AS a WHERE e.kind = 'column' AND a.nspname = e.schema AND a.relname = e.owner AND a.attname = e.name
      UNION ALL
      SELECT 'pg_catalog.pg_type'::regclass, t.oid, 0
      FROM types AS t WHERE e.kind = 'type' AND t.nspname = e.schema AND t.typname = e.name
      UNION ALL
      SELECT 'pg_catalog.pg_proc'::regclass, f.oid, 0
      FROM functions AS f WHERE e.kind = 'function' AND f.nspname = e.schema AND f.proname = e.name AND f.arguments = e.owner
      UNION ALL
      SELECT 'pg_catalog.pg_constraint'::regclass, k.oid, 0
      FROM relations AS r JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid
      WHERE e.kind = 'constraint' AND r.nspname = e.schema AND r.relname = e.owner AND k.conname = e.name
      UNION ALL
      SELECT 'pg_catalog.pg_trigger'::regclass, g.oid, 0
      FROM relations AS r JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = r.oid
      WHERE e.kind = 'trigger' AND r.nspname = e.schema AND r.relname = e.owner AND g.tgname = e.name
      UNION ALL
      SELECT 'pg_catalog.pg_policy'::regclass, p.oid, 0
      FROM relations AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
      WHERE e.kind = 'policy' AND r.nspname = e.schema AND r.relname = e.owner AND p.polname = e.name
    ) AS o ON true
    LEFT JOIN pg_catalog.pg_description AS d ON d.classoid = o.class AND d.objoid = o.oid AND d.objsubid = o.part
