
DECLARE
  v_project constant text := <PROJECT>;
  v_tables constant text[] := <TABLES>;
  v_functions constant text[] := <FUNCTIONS>;
  v_called constant text[] := <CALLED>;
  v_seeded constant text[] := <SEEDED>;
  v_seed_rows constant bigint[] := <SEED_ROWS>;
  v_lines text[];
  v_name text;
  v_relation oid;
  v_rows bigint;
  v_calls bigint;
  v_milliseconds double precision;
  v_there bigint;
  v_total bigint;
BEGIN
  v_lines := ARRAY[
    '# ' || v_project || ': deployment metrics', '',
    'Taken at ' || pg_catalog.to_char(pg_catalog.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC from database '
      || pg_catalog.current_database() || ' on PostgreSQL ' || pg_catalog.current_setting('server_version') || '.', ''];

  SELECT count(pg_catalog.to_regclass(n)) INTO v_there FROM pg_catalog.unnest(v_tables) AS n;
  v_lines := v_lines || ARRAY[pg_catalog.format('## Tables: %s of %s', v_there, cardinality(v_tables)), '',
    '| Table | Rows | Size of the table | Size of its indexes |', '| --- | ---: | ---: | ---: |'];
  FOREACH v_name IN ARRAY v_tables LOOP
    v_relation := pg_catalog.to_regclass(v_name);
    IF v_relation IS NULL THEN
      v_lines := v_lines || pg_catalog.format('| %s | missing | | |', v_name);
    ELSE
      EXECUTE pg_catalog.format('SELECT count(*) FROM %s', v_relation::regclass) INTO v_rows;
      v_lines := v_lines || pg_catalog.format('| %s | %s | %s | %s |', v_name, v_rows,
        pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(v_relation)), pg_catalog.pg_size_pretty(pg_catalog.pg_indexes_size(v_relation)));
    END IF;
  END LOOP;
  SELECT sum(pg_catalog.pg_total_relation_size(pg_catalog.to_regclass(n))) INTO v_total FROM pg_catalog.unnest(v_tables) AS n;
  v_lines := v_lines || ARRAY['', 'All tables with their indexes: ' || coalesce(pg_catalog.pg_size_pretty(v_total), 'nothing') || '.', ''];

  SELECT count(pg_catalog.to_regprocedure(n)) INTO v_there FROM pg_catalog.unnest(v_functions) AS n;
  v_lines := v_lines || ARRAY[pg_catalog.format('## Functions: %s of %s', v_there, cardinality(v_functions)), ''];
  FOREACH v_name IN ARRAY v_functions LOOP
    v_lines := v_lines || pg_catalog.format('- %s%s', v_name, CASE WHEN pg_catalog.to_regprocedure(v_name) IS NULL THEN ': missing' END);
  END LOOP;

  v_lines := v_lines || ARRAY['', '## Initial state', ''];
  FOR v_place IN 1..cardinality(v_seeded) LOOP
    v_rows := NULL;
    IF pg_catalog.to_regclass(v_seeded[v_place]) IS NOT NULL THEN
      EXECUTE pg_catalog.format('SELECT count(*) FROM %s', pg_catalog.to_regclass(v_seeded[v_place])) INTO v_rows;
    END IF;
    v_lines := v_lines || pg_catalog.format('- %s: %s rows, of which the spec seeds %s', v_seeded[v_place], coalesce(v_rows::text, 'no'), v_seed_rows[v_place]);
  END LOOP;
  IF cardinality(v_seeded) = 0 THEN
    v_lines := v_lines || '- The spec seeds no rows.'::text;
  END IF;

  v_lines := v_lines || ARRAY['', '## Latency of functions', '', 'From pg_stat_user_functions, where track_functions is not none (it is '
    || pg_catalog.current_setting('track_functions') || '):', '', '| Function | Calls | Mean, ms |', '| --- | ---: | ---: |'];
  FOR v_name, v_calls, v_milliseconds IN
    SELECT n, s.calls, s.total_time / nullif(s.calls, 0)
    FROM pg_catalog.unnest(v_functions) AS n
    JOIN pg_catalog.pg_stat_user_functions AS s ON s.funcid = pg_catalog.to_regprocedure(n)
    ORDER BY n
  LOOP
    v_lines := v_lines || pg_catalog.format('| %s | %s | %s |', v_name, v_calls, pg_catalog.round(v_milliseconds::numeric, 3));
  END LOOP;
  v_lines := v_lines || ARRAY['', 'From pg_stat_statements, for statements that name a function of the API:', ''];
  SELECT e.extnamespace INTO v_relation FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_stat_statements';
  IF v_relation IS NULL THEN
    v_lines := v_lines || 'The extension is not installed.'::text;
  ELSE
    BEGIN
      v_lines := v_lines || ARRAY['| Function | Calls | Mean, ms |', '| --- | ---: | ---: |'];
      FOR v_name, v_calls, v_milliseconds IN EXECUTE pg_catalog.format(
        'SELECT n, sum(s.calls)::bigint, sum(s.total_exec_time) / sum(s.calls)
         FROM pg_catalog.unnest($1) AS n
         JOIN %s.pg_stat_statements AS s ON s.query ~ (''\m'' || n || ''"?\s*\('') AND s.calls > 0
         WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
         GROUP BY n ORDER BY n', v_relation::regnamespace) USING v_called
      LOOP
        v_lines := v_lines || pg_catalog.format('| %s | %s | %s |', v_name, v_calls, pg_catalog.round(v_milliseconds::numeric, 3));
      END LOOP;
    EXCEPTION WHEN object_not_in_prerequisite_state OR insufficient_privilege THEN
      v_lines := v_lines || ('| not to be had: ' || SQLERRM || ' | | |');
    END;
  END IF;
  PERFORM pg_catalog.set_config('trust_schema.metrics', pg_catalog.array_to_string(v_lines, E'\n'), false);
END
