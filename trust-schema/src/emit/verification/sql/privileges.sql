    SELECT 17, p.privilege || ' for ' || r.role, s.object, CASE WHEN g.object IS NULL THEN 'no' ELSE 'yes' END,
      CASE
        WHEN s.oid IS NULL THEN 'missing'
        WHEN r.oid IS NULL THEN 'no such role'
        WHEN v.has_grant_option THEN 'yes, with grant option'
        WHEN v.has_privilege THEN 'yes'
        ELSE 'no'
      END, NULL::boolean, false
    FROM secured AS s
    JOIN privileges AS p ON p.kind = s.kind
    CROSS JOIN roles AS r
    LEFT JOIN expected_grants AS g ON g.object = s.object AND g.role = r.role AND g.privilege = p.privilege
    CROSS JOIN LATERAL (SELECT
      CASE s.kind
        WHEN 'relation' THEN pg_catalog.has_table_privilege(r.oid, s.oid, p.privilege)
        WHEN 'sequence' THEN pg_catalog.has_sequence_privilege(r.oid, s.oid, p.privilege)
        WHEN 'function' THEN pg_catalog.has_function_privilege(r.oid, s.oid, p.privilege)
        WHEN 'type' THEN pg_catalog.has_type_privilege(r.oid, s.oid, p.privilege)
        WHEN 'schema' THEN pg_catalog.has_schema_privilege(r.oid, s.oid, p.privilege)
      END,
      CASE s.kind
        WHEN 'relation' THEN pg_catalog.has_table_privilege(r.oid, s.oid, p.privilege || ' WITH GRANT OPTION')
        WHEN 'sequence' THEN pg_catalog.has_sequence_privilege(r.oid, s.oid, p.privilege || ' WITH GRANT OPTION')
        WHEN 'function' THEN pg_catalog.has_function_privilege(r.oid, s.oid, p.privilege || ' WITH GRANT OPTION')
        WHEN 'type' THEN pg_catalog.has_type_privilege(r.oid, s.oid, p.privilege || ' WITH GRANT OPTION')
        WHEN 'schema' THEN pg_catalog.has_schema_privilege(r.oid, s.oid, p.privilege || ' WITH GRANT OPTION')
      END) AS v (has_privilege, has_grant_option)
    WHERE r.is_api OR g.object IS NOT NULL
