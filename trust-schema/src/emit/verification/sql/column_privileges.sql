    SELECT 19, p.privilege || ' for ' || r.role, e.object, CASE WHEN g.privilege IS NULL THEN 'no' ELSE 'yes' END,
      CASE
        WHEN a.attnum IS NULL THEN 'missing'
        WHEN r.oid IS NULL THEN 'no such role'
        WHEN pg_catalog.has_column_privilege(r.oid, s.oid, a.attnum, p.privilege) THEN 'yes'
        ELSE 'no'
      END, NULL::boolean, false
    FROM expected_granted_columns AS e
    JOIN secured AS s ON s.object = e.relation
    JOIN privileges AS p ON p.kind = s.kind AND p.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
    CROSS JOIN roles AS r
    LEFT JOIN attributes AS a ON a.attrelid = s.oid AND a.attname = e.name
    LEFT JOIN (
      SELECT c.object, c.name, c.role, c.privilege FROM expected_column_grants AS c
      UNION
      SELECT c.relation, c.name, t.role, t.privilege FROM expected_granted_columns AS c JOIN expected_grants AS t ON t.object = c.relation
    ) AS g ON g.object = e.relation AND g.name = e.name AND g.role = r.role AND g.privilege = p.privilege
    WHERE r.is_api OR g.privilege IS NOT NULL
