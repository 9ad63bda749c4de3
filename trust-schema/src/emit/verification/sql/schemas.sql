    SELECT 2, 'schema exists', e.object, 'exists', CASE WHEN n.oid IS NULL THEN 'missing' ELSE 'exists' END, NULL::boolean, true
    FROM expected_schemas AS e
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = e.schema
    UNION ALL
    -- What would open an object to others that somebody makes there tomorrow.
    SELECT 2, 'default privileges', e.object, 'none for others', CASE WHEN n.oid IS NULL THEN 'missing' ELSE coalesce((
        SELECT pg_catalog.string_agg(DISTINCT a.privilege_type || ' on ' || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' ELSE 'objects' END
          || ' to ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, ', ')
        FROM pg_catalog.pg_default_acl AS d
        CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) AS a
        WHERE d.defaclnamespace = n.oid AND a.grantee <> d.defaclrole), 'none for others') END, NULL::boolean, true
    FROM expected_schemas AS e
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = e.schema
    WHERE e.is_closed
