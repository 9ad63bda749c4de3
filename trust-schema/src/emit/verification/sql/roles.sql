    SELECT 1, 'role exists', 'role ' || e.role, 'exists', CASE WHEN r.oid IS NULL THEN 'missing' ELSE 'exists' END, NULL::boolean, true
    FROM expected_roles AS e
    LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = e.role
    WHERE e.role <> 'PUBLIC'
    UNION ALL
    -- What lets a role past grants and policies, or into it without the API.
    SELECT 1, 'role attributes', 'role ' || e.role, e.expected,
      CASE WHEN r.oid IS NULL THEN 'missing' ELSE coalesce(nullif(pg_catalog.concat_ws(', ', CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
        CASE WHEN r.rolcanlogin THEN 'LOGIN' END,
        CASE WHEN e.is_api THEN nullif(pg_catalog.concat_ws(', ', CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
          CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END,
          CASE WHEN NOT r.rolbypassrls THEN (
            SELECT 'member of ' || pg_catalog.string_agg(g.name, ', ' ORDER BY g.name COLLATE "C")
            FROM (SELECT DISTINCT CASE WHEN pg_catalog.pg_get_userbyid(m.roleid) ~ '^[a-z_][a-z0-9_]*$' THEN pg_catalog.pg_get_userbyid(m.roleid)::text ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(m.roleid)) END AS name
              FROM pg_catalog.pg_auth_members AS m WHERE m.member = r.oid) AS g) END), '') END), ''), 'none') END, NULL::boolean, true
    FROM expected_roles AS e
    LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = e.role
    WHERE e.role <> 'PUBLIC'
    UNION ALL
    -- What a role gets over roles of which others made it a member: what owns, reads or writes everything, or comes as a client.
    SELECT 1, 'role memberships', 'role ' || e.role, 'as declared', coalesce('also ' || (
        WITH RECURSIVE reached (role) AS (
          SELECT m.roleid FROM pg_catalog.pg_auth_members AS m WHERE m.member = r.oid
          UNION
          SELECT m.roleid FROM reached JOIN pg_catalog.pg_auth_members AS m ON m.member = reached.role
        )
        SELECT pg_catalog.string_agg(g.rolname, ', ' ORDER BY g.rolname COLLATE "C")
        FROM reached JOIN pg_catalog.pg_roles AS g ON g.oid = reached.role
        WHERE g.rolname <> ALL (e.reached) AND g.oid <> r.oid
          -- Who does not ignore row-level security has those of which it is a member itself among its attributes.
          AND (r.rolbypassrls OR NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.member = r.oid AND m.roleid = g.oid))
          AND (g.rolsuper OR g.rolcreaterole OR g.rolname LIKE 'pg\_%' OR g.rolname IN (SELECT known.role FROM expected_roles AS known)
            OR EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE c.relowner = g.oid AND n.nspname IN (SELECT schema FROM used_schemas))
            OR EXISTS (SELECT FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
              WHERE p.proowner = g.oid AND n.nspname IN (SELECT schema FROM used_schemas)))), 'as declared'), NULL::boolean, true
    FROM expected_roles AS e
    LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = e.role
    WHERE e.is_api AND e.role <> 'PUBLIC'
    UNION ALL
    SELECT 1, 'role inherits', 'role ' || e.role, e.inherited, coalesce((
        SELECT pg_catalog.string_agg(g.rolname, ', ' ORDER BY g.rolname COLLATE "C")
        FROM pg_catalog.pg_roles AS g
        WHERE g.rolname = ANY (e.reached)
          -- From version 16 on each membership has its own option.
          AND EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.member = r.oid AND m.roleid = g.oid
            AND coalesce((pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit))
      ), 'nothing'), NULL::boolean, true
    FROM expected_roles AS e
    LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = e.role
    WHERE e.inherited <> ''
