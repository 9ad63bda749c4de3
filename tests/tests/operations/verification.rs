//! A database that holds the spec passes; one that does not fails with rows, never with an error.

use tests::postgres;
use trust_schema::live::server::Regime;

use crate::support::{deployed, failed, file, files, verify};

#[tokio::test]
async fn everything_passes_in_both_regimes() {
    for regime in Regime::ALL {
        let (_database, client) = deployed(regime).await;
        let checks = verify(&client, file("verification/verify.sql")).await;
        println!("{regime}: {} checks", checks.len());
        assert!(checks.len() > 400, "{regime}: only {} checks", checks.len());
        assert!(failed(&checks).is_empty(), "{regime}: {:#?}", failed(&checks));
        for expected in ["10 tables in public", "22 functions *_v1 in public"] {
            assert!(checks.iter().any(|check| check.check == expected), "{regime}: no row `{expected}`");
        }
        let size = checks.iter().find(|check| check.check == "table exists" && check.object == "table public.tenants").unwrap();
        assert!(size.actual.ends_with("bytes") || size.actual.ends_with("kB"), "{size:?}");
        client.batch_execute(file("verification/assert.sql")).await.unwrap();
    }
}

#[tokio::test]
async fn each_migration_passes_right_after_it_ran() {
    let database = postgres::database(postgres::any_major(), Regime::Legacy).await;
    let client = database.connect().await.unwrap();
    for (path, text) in files().iter().filter(|(path, _)| path.starts_with("migrations/")) {
        client.batch_execute(text).await.unwrap();
        let query = file(&path.replace("migrations/", "verification/"));
        let checks = verify(&client, query).await;
        assert!(!checks.is_empty(), "{path}");
        assert!(failed(&checks).is_empty(), "{path}: {:#?}", failed(&checks));
    }
}

#[tokio::test]
async fn an_empty_database_fails_with_rows() {
    let database = postgres::database(postgres::any_major(), Regime::Hardened).await;
    let client = database.connect().await.unwrap();
    let deployed_checks = {
        let (_database, client) = deployed(Regime::Hardened).await;
        verify(&client, file("verification/verify.sql")).await.len()
    };
    let checks = verify(&client, file("verification/verify.sql")).await;
    assert_eq!(checks.len(), deployed_checks);
    assert!(!checks[0].passed, "failed checks come first");
    let passed: Vec<_> = checks.iter().filter(|check| check.passed).map(|check| check.object.as_str()).collect();
    assert!(
        passed.iter().all(|object| object.starts_with("role ")
            || object.starts_with("extension ")
            || object.starts_with("schedule ")
            || *object == "schema trust_private"),
        "{passed:?}"
    );
    for (path, text) in files().iter().filter(|(path, _)| path.starts_with("verification/2")) {
        assert!(!failed(&verify(&client, text).await).is_empty(), "{path}");
    }
    let error = client.batch_execute(file("verification/assert.sql")).await.unwrap_err();
    let message = error.as_db_error().unwrap().message().to_owned();
    assert!(message.contains("checks failed") && message.contains("table public.tenants"), "{message}");
}

/// Without the platform: no roles, no extension.
#[tokio::test]
async fn a_plain_database_fails_with_rows() {
    let database = postgres::plain_database(postgres::any_major()).await;
    let client = database.connect().await.unwrap();
    let checks = verify(&client, file("verification/verify.sql")).await;
    assert!(checks.iter().any(|check| check.object == "extension pgcrypto" && !check.passed));
}

#[tokio::test]
async fn a_verification_changes_nothing_and_ignores_the_session() {
    let (_database, client) = deployed(Regime::Legacy).await;
    client
        .batch_execute("begin read only; set local search_path = trust_private, public; set local standard_conforming_strings = off")
        .await
        .unwrap();
    let checks = verify(&client, file("verification/verify.sql")).await;
    assert!(failed(&checks).is_empty(), "{:#?}", failed(&checks));
    client.batch_execute(file("verification/assert.sql")).await.unwrap();
    client.batch_execute("commit").await.unwrap();
}

/// pg_cron's table, as far as the verification reads it.
#[tokio::test]
async fn schedules_are_checked_where_pg_cron_is() {
    let (_database, client) = deployed(Regime::Hardened).await;
    client
        .batch_execute(
            "create schema cron; create table cron.job (jobid bigint, jobname text, schedule text, command text, active boolean not null default true);
             insert into cron.job values (1, 'phase1_retention', '0 2 * * *', 'SELECT public.cleanup_phase1_retention_v1()'),
               (2, 'phase1_upkeep', '*/9 * * * *', 'SELECT trust_private.run_upkeep()')",
        )
        .await
        .unwrap();
    let checks = verify(&client, file("verification/verify.sql")).await;
    let failures = failed(&checks);
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert_eq!((failures[0].object.as_str(), failures[0].actual.as_str()), ("schedule phase1_upkeep", "another schedule: */9 * * * *"));
}
