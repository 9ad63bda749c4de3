    -- What a role gets over roles of which others made it a member: what owns, reads or writes everything, or comes as a client. Who comes as a client
    -- and does not ignore row-level security has those of which it is a member itself among its attributes.
    SELECT 1, 'role memberships', 'role ' || e.role, 'as declared',
      coalesce(nullif(pg_catalog.concat_ws('; ', 'also ' || found.more, 'lacks ' || found.less), ''), 'as declared'), NULL::boolean, true
    FROM watched_roles AS e
    JOIN pg_catalog.pg_roles AS r ON r.rolname = e.role
    CROSS JOIN LATERAL (
      WITH RECURSIVE reached (role) AS (
        SELECT m.roleid FROM pg_catalog.pg_auth_members AS m WHERE m.member = r.oid
        UNION
        SELECT m.roleid FROM reached JOIN pg_catalog.pg_auth_members AS m ON m.member = reached.role
      ), declared (role) AS (
        SELECT g.oid FROM pg_catalog.pg_roles AS g WHERE g.rolname = ANY (e.reached)
        UNION
        -- PostgreSQL's own roles are members of each other, in each version of others.
        SELECT m.roleid FROM declared JOIN pg_catalog.pg_auth_members AS m ON m.member = declared.role AND declared.role < 16384
      )
      SELECT
        (SELECT pg_catalog.string_agg(g.rolname, ', ' ORDER BY g.rolname COLLATE "C")
        FROM reached JOIN pg_catalog.pg_roles AS g ON g.oid = reached.role
        WHERE g.oid <> r.oid AND g.oid NOT IN (SELECT declared.role FROM declared)
          AND (r.rolbypassrls OR NOT e.is_api OR NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.member = r.oid AND m.roleid = g.oid))
          AND (g.rolsuper OR g.rolbypassrls OR g.rolcreaterole OR g.rolreplication OR pg_catalog.starts_with(g.rolname::text, 'pg_')
            OR g.rolname IN (SELECT known.role FROM expected_roles AS known)
            OR EXISTS (SELECT FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database() AND d.datdba = g.oid)
            OR EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspowner = g.oid)
            OR EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relowner = g.oid)
            OR EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.proowner = g.oid)
            OR EXISTS (SELECT FROM pg_catalog.pg_type AS t WHERE t.typowner = g.oid))) AS more,
        (SELECT pg_catalog.string_agg(g.rolname, ', ' ORDER BY g.rolname COLLATE "C")
        FROM pg_catalog.pg_roles AS g
        WHERE g.rolname = ANY (e.reached) AND g.oid NOT IN (SELECT reached.role FROM reached) AND (r.rolbypassrls OR NOT e.is_api)) AS less
    ) AS found
    UNION ALL
    SELECT 1, 'role inherits', 'role ' || e.role, e.inherited, coalesce((
        SELECT pg_catalog.string_agg(g.rolname, ', ' ORDER BY g.rolname COLLATE "C")
        FROM pg_catalog.pg_roles AS g
        WHERE g.rolname = ANY (e.reached)
          -- From version 16 on each membership has its own option.
          AND EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.member = r.oid AND m.roleid = g.oid
            AND coalesce((pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit))
      ), 'nothing'), NULL::boolean, true
    FROM watched_roles AS e
    LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = e.role
    WHERE e.inherited <> ''
