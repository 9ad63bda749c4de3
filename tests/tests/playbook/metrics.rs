//! The metrics of a deployment are those of the database, not of the spec.

use trust_lite::functions::GetTrustTierV1;
use trust_schema::live::server::Regime;

use crate::people::signed_in;
use crate::support::{file, populated};

/// The document, as it is printed.
async fn document(client: &tokio_postgres::Client) -> String {
    let messages = client.simple_query(&file("operations/deployment_metrics.sql")).await.expect("metrics");
    let lines = messages.iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    lines.collect()
}

#[tokio::test]
async fn they_count_what_is_there_and_tell_what_is_missing() {
    let ground = populated(Regime::Legacy).await;
    let administrator = ground.database.connect_as_administrator().await.expect("a session");
    let name = ground.database.name();
    administrator.batch_execute(&format!("alter database {name} set track_functions = 'all'")).await.expect("a setting");
    let mut user = ground.database.connect_as("authenticated").await.expect("a session");
    let transaction = signed_in(&mut user, ground.people.users[0]).await.expect("a transaction");
    for _ in 0..7 {
        GetTrustTierV1::new().call(&transaction).await.expect("a tier");
    }
    transaction.commit().await.expect("committed");
    // The counts of a session arrive when it ends, or is idle for a while.
    drop(user);

    let deployer = ground.database.connect().await.expect("a session");
    let calls = "| public.get_trust_tier_v1(public.actor_type, text) | 7 |";
    let mut text = document(&deployer).await;
    for _ in 0..100 {
        if text.contains(calls) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        text = document(&deployer).await;
    }
    for expected in ["## Tables: 13 of 13", "| public.tenants | 8 |", "## Functions: 49 of 49", calls, "The extension is not installed."] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("missing"), "{text}");

    // The extension without its library: told, and no error.
    administrator.batch_execute("create extension pg_stat_statements schema extensions").await.expect("an extension");
    assert!(document(&deployer).await.contains("| not to be had: pg_stat_statements must be loaded"), "{}", document(&deployer).await);
    deployer
        .batch_execute("drop function public.get_service_key_v1(uuid, text, text); drop table public.delegation_tokens cascade")
        .await
        .expect("damage");
    let text = document(&deployer).await;
    for expected in [
        "## Tables: 12 of 13",
        "| public.delegation_tokens | missing |",
        "## Functions: 48 of 49",
        "- public.get_service_key_v1(uuid, text, text): missing",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}
