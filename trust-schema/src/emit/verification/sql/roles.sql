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
