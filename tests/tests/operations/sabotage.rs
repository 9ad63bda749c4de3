//! Each way to spoil a database gives a failed row that names the object.

use tests::sabotage::{SABOTAGES, SABOTAGES_OF_ROLES};
use trust_schema::emit::verification::beside_catalogs;
use trust_schema::live::server::Regime;
use trust_schema::resolve::resolve;

use crate::support::{deployed, failed, file, spec, verify};

#[tokio::test]
async fn every_sabotage_is_named() {
    let (_database, client) = deployed(Regime::Hardened).await;
    are_named(&client, SABOTAGES).await;
}

#[tokio::test]
async fn every_sabotage_of_roles_is_named() {
    let (database, _client) = deployed(Regime::Hardened).await;
    let administrator = database.connect_as_administrator().await.unwrap();
    are_named(&administrator, SABOTAGES_OF_ROLES).await;
    // No comparison of catalogs tells them: `verify --db` asks.
    let resolution = resolve(spec()).resolution.expect("a spec without errors");
    are_named_by(&administrator, SABOTAGES_OF_ROLES, &beside_catalogs(&resolution)).await;
}

async fn are_named(client: &tokio_postgres::Client, sabotages: &[(&str, &str, &str)]) {
    are_named_by(client, sabotages, file("verification/verify.sql")).await;
}

async fn are_named_by(client: &tokio_postgres::Client, sabotages: &[(&str, &str, &str)], verification: &str) {
    let mut unnoticed = Vec::new();
    for (sabotage, object, check) in sabotages {
        client.batch_execute("begin").await.unwrap();
        if let Err(error) = client.batch_execute(sabotage).await {
            unnoticed.push(format!("{sabotage}: {error:?}"));
            client.batch_execute("rollback").await.unwrap();
            continue;
        }
        let checks = verify(client, verification).await;
        let failures = failed(&checks);
        if !failures.iter().any(|failure| failure.object == *object && failure.check == *check) {
            let found: Vec<String> = failures
                .iter()
                .map(|failure| format!("{} of {}: {} instead of {}", failure.check, failure.object, failure.actual, failure.expected))
                .collect();
            unnoticed.push(format!("{sabotage}: {found:?}"));
        }
        assert!(!checks[0].passed, "{sabotage}: failed checks come first");
        client.batch_execute("rollback").await.unwrap();
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
    assert!(failed(&verify(client, verification).await).is_empty(), "the sabotages were undone");
}

/// An index that a failed CREATE INDEX CONCURRENTLY left behind; only a superuser can make one at will.
#[tokio::test]
async fn an_invalid_index_is_named() {
    let (database, client) = deployed(Regime::Hardened).await;
    let administrator = database.connect_as_administrator().await.unwrap();
    administrator
        .batch_execute("update pg_index set indisvalid = false where indexrelid = 'public.delegations_user_id_idx'::regclass")
        .await
        .unwrap();
    let checks = verify(&client, file("verification/verify.sql")).await;
    let failures = failed(&checks);
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert_eq!(failures[0].object, "index public.delegations_user_id_idx");
    assert!(failures[0].actual.ends_with("INVALID") && failures[0].expected.starts_with("btree"), "{failures:#?}");
}
