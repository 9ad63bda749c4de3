    SELECT 10, 'column', e.object, e.expected, coalesce(a.type_name || a.properties, 'missing'), NULL::boolean, true
    FROM expected_columns AS e
    LEFT JOIN attributes AS a ON a.nspname = e.schema AND a.relname = e.relation AND a.attname = e.name
