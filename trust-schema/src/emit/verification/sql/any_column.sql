    SELECT 18, p.privilege || ' on any column for ' || r.role, s.object, CASE WHEN g.object IS NULL THEN 'no' ELSE 'yes' END,
      CASE
        WHEN s.oid IS NULL THEN 'missing'
        WHEN r.oid IS NULL THEN 'no such role'
        WHEN pg_catalog.has_any_column_privilege(r.oid, s.oid, p.privilege) THEN 'yes'
        ELSE 'no'
      END, NULL::boolean, false
    FROM secured AS s
    JOIN privileges AS p ON p.kind = s.kind AND p.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
    CROSS JOIN roles AS r
    LEFT JOIN (
      SELECT c.object, c.role, c.privilege FROM expected_grants AS c
      UNION
      SELECT c.object, c.role, c.privilege FROM expected_column_grants AS c
    ) AS g ON g.object = s.object AND g.role = r.role AND g.privilege = p.privilege
    WHERE s.kind = 'relation' AND (r.is_api OR g.object IS NOT NULL)
