//! Smoke tests, kill switches and the partial rollback.

use tokio_postgres::Client;
use trust_schema::live::server::Regime;
use trust_schema::source::SourceFile;

use crate::support::{compile, deployed, file, files, spec, verify};

/// How many rows every table of the database has, in one text.
async fn rows(client: &Client) -> String {
    let sql = "select string_agg(c.oid::regclass || ' ' || (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %s', c.oid::regclass), false, true, '')))[1]::text, ', ' order by c.oid)
               from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
               where c.relkind = 'r' and n.nspname in ('public', 'trust_private', 'auth')";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn smoke_tests_pass_and_leave_nothing() {
    for regime in Regime::ALL {
        let (_database, client) = deployed(regime).await;
        let before = rows(&client).await;
        let tests: Vec<_> = files().iter().filter(|(path, _)| path.starts_with("verification/smoke/")).collect();
        assert_eq!(tests.len(), 5);
        for (path, text) in tests {
            client.batch_execute(text).await.unwrap_or_else(|error| panic!("{regime}: {path}: {error:?}"));
            let settings = client
                .query_one("select current_user::text, current_setting('role'), coalesce(current_setting('request.jwt.claims', true), '')", &[])
                .await
                .unwrap();
            assert_eq!(
                (settings.get::<_, &str>(0), settings.get::<_, &str>(1), settings.get::<_, &str>(2)),
                ("sb_postgres", "none", ""),
                "{regime}: {path}"
            );
        }
        assert_eq!(rows(&client).await, before, "{regime}");
    }
}

/// Compiles the spec with one more smoke test.
fn smoke_test(steps: &str) -> String {
    let text = format!(
        "[module]\nmigration = \"20260224020009_smoke\"\n\n[smoke_test.extra]\nsummary = \"Extra.\"\nvariables = {{ v_a = \"integer\", v_b = \"text\" }}\nsteps = [\n{steps}\n]\n"
    );
    let mut spec = spec();
    spec.push(SourceFile { path: "extra.toml".to_owned(), text });
    compile(spec).0.remove("verification/smoke/extra.sql").unwrap()
}

#[tokio::test]
async fn a_broken_expectation_fails_and_is_undone() {
    let (_database, client) = deployed(Regime::Hardened).await;
    let before = rows(&client).await;
    let insert = r#"{ run = "insert into public.tenants (name) values ('x')" },"#;
    for (steps, expected) in [
        (r#"{ expect = "1 = 2" }"#, "smoke test extra, step 2: expected 1 = 2"),
        (r#"{ expect = "null" }"#, "smoke test extra, step 2: expected null"),
        (r#"{ run = "select 1 where false", into = ["v_a"] }"#, "smoke test extra, step 2: expected one row, found 0"),
        (r#"{ run = "select n from generate_series(1, 3) as n", into = ["v_a"] }"#, "smoke test extra, step 2: expected one row, found 3"),
        (
            r#"{ run = "select 1", fails = { sqlstate = "42501" } }"#,
            "smoke test extra, step 2: expected an error, SQLSTATE 42501, but there was none",
        ),
        (
            r#"{ run = "select 1 / 0", fails = { sqlstate = "42501" } }"#,
            "smoke test extra, step 2: expected SQLSTATE 42501, but there was SQLSTATE 22012: division by zero",
        ),
        (
            r#"{ run = "select 1 / 0", fails = { sqlstate = "22012", message = "another" } }"#,
            "smoke test extra, step 2: expected SQLSTATE 22012: another, but there was SQLSTATE 22012: division by zero",
        ),
        (r#"{ run = "select 1 / 0" }"#, "division by zero"),
        (r#"{ role = "anon", run = "select 1 from public.tenants" }"#, "permission denied for table tenants"),
    ] {
        let error = client.batch_execute(&smoke_test(&format!("{insert}\n{steps}"))).await.unwrap_err();
        assert_eq!(error.as_db_error().map(|error| error.message()), Some(expected), "{steps}");
        assert_eq!(rows(&client).await, before, "{steps}");
    }
}

#[tokio::test]
async fn steps_of_every_form_run() {
    let (_database, client) = deployed(Regime::Hardened).await;
    let steps = r#"
        { run = "insert into public.tenants (name) values ('x') returning 7, name", into = ["v_a", "v_b"] },
        { expect = "v_a = 7 and v_b = 'x'" },
        { run = "with t as (select 8 as n) select n from t", into = ["v_a"] },
        { expect = "v_a = 8" },
        { run = "update public.tenants set name = 'y' where name = v_b" },
        { run = "delete from public.tenants where name = 'y' returning name" },
        { run = "select v_a / 0", fails = { sqlstate = "22012", message = "division by zero" } },
        { role = "authenticated", claims = { sub = "gen_random_uuid()", tier = "'gold'" }, run = "select current_setting('request.jwt.claims')::jsonb ->> 'tier' || ' ' || (current_setting('request.jwt.claims')::jsonb ->> 'role') || ' ' || current_user", into = ["v_b"] },
        { expect = "v_b = 'gold authenticated authenticated' and current_user = 'sb_postgres'" },
        { role = "anon", run = "select current_setting('request.jwt.claims')", into = ["v_b"] },
        { expect = "v_b::jsonb = '{\"role\": \"anon\"}'" },
        { run = "select current_setting('request.jwt.claims')", into = ["v_b"] },
        { expect = "v_b = ''" }"#;
    client.batch_execute(&smoke_test(steps)).await.unwrap_or_else(|error| panic!("{error:?}"));
}

#[tokio::test]
async fn kill_switches_and_the_partial_rollback_do_what_they_say() {
    let (_database, client) = deployed(Regime::Legacy).await;
    let may = "select has_function_privilege('authenticated', 'public.issue_delegation_token_v1(text, text[], integer, uuid)', 'execute'),
                      has_table_privilege('authenticated', 'public.trust_profiles', 'select'),
                      (select count(*) from public.rate_limit_configs where enabled)";
    let state = async || {
        let row = client.query_one(may, &[]).await.unwrap();
        (row.get::<_, bool>(0), row.get::<_, bool>(1), row.get::<_, i64>(2))
    };
    assert_eq!(state().await, (true, true, 12));
    client.batch_execute(file("rollback/kill_switches/rate_limiting.sql")).await.unwrap();
    assert_eq!(state().await, (true, true, 0));
    // Thrown again, too.
    for _ in 0..2 {
        client.batch_execute(file("rollback/kill_switch.sql")).await.unwrap();
        assert_eq!(state().await, (false, true, 0));
    }
    client.batch_execute(file("rollback/partial.sql")).await.unwrap();
    assert_eq!(state().await, (false, false, 0));
    client.batch_execute(file("operations/schedules.sql")).await.unwrap();
    // The statements that undo it stand in the files.
    for path in ["rollback/kill_switch.sql", "rollback/partial.sql"] {
        for line in file(path).lines().filter_map(|line| line.strip_prefix("-- To undo it: ")) {
            client.batch_execute(line).await.unwrap();
        }
    }
    assert_eq!(state().await, (true, true, 0));
    let seeds = file("migrations/20260224020008_phase1_seed_data.sql");
    client.batch_execute(seeds).await.unwrap();
    let checks = verify(&client, file("verification/verify.sql")).await;
    assert!(checks.iter().all(|check| check.passed));
}
