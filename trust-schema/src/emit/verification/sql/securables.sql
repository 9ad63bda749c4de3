  roles AS MATERIALIZED (
    SELECT e.role, e.is_api, CASE WHEN e.role = 'PUBLIC' THEN 0::oid ELSE r.oid END AS oid
    FROM expected_roles AS e
    LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = e.role
  ),
  secured AS MATERIALIZED (
    SELECT s.kind, s.object, s.schema, s.name, r.oid
    FROM securables AS s
    LEFT JOIN relations AS r ON r.nspname = s.schema AND r.relname = s.name
      AND CASE s.kind WHEN 'sequence' THEN r.relkind = 'S' ELSE r.relkind IN ('r', 'p', 'v') END
    WHERE s.kind IN ('relation', 'sequence')
    UNION ALL
    SELECT s.kind, s.object, s.schema, s.name, f.oid
    FROM securables AS s
    LEFT JOIN functions AS f ON f.nspname = s.schema AND f.proname = s.name AND f.arguments = s.arguments
    WHERE s.kind = 'function'
    UNION ALL
    SELECT s.kind, s.object, s.schema, s.name, t.oid
    FROM securables AS s
    LEFT JOIN types AS t ON t.nspname = s.schema AND t.typname = s.name
    WHERE s.kind = 'type'
    UNION ALL
    SELECT s.kind, s.object, s.schema, s.name, n.oid
    FROM securables AS s
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schema
    WHERE s.kind = 'schema'
  ),
  privileges (kind, privilege) AS (
    VALUES ('relation', 'SELECT'), ('relation', 'INSERT'), ('relation', 'UPDATE'), ('relation', 'DELETE'), ('relation', 'TRUNCATE'),
      ('relation', 'REFERENCES'), ('relation', 'TRIGGER'), ('sequence', 'USAGE'), ('sequence', 'SELECT'), ('sequence', 'UPDATE'),
      ('function', 'EXECUTE'), ('type', 'USAGE'), ('schema', 'USAGE'), ('schema', 'CREATE')
    UNION ALL
    SELECT 'relation', 'MAINTAIN' WHERE pg_catalog.current_setting('server_version_num')::integer >= 170000
  )
