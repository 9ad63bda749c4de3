//! From a spec to a server and back.

use tests::postgres;
use trust_schema::catalog::Kind;
use trust_schema::emit::Files;
use trust_schema::live::compare::{Expressions, compare, readable, together};
use trust_schema::live::introspect::introspect;
use trust_schema::live::server::Regime;
use trust_schema::resolve::Resolution;

use crate::support;

async fn comes_back(resolution: &Resolution, files: &Files) {
    for &major in postgres::majors() {
        for regime in Regime::ALL {
            let database = postgres::database(major, regime).await;
            let client = database.connect().await.unwrap();
            let before = introspect(&client, None).await.unwrap();
            for text in support::migrations(files) {
                client.batch_execute(&format!("begin;\n{text};\ncommit")).await.unwrap();
            }
            let after = introspect(&client, None).await.unwrap();
            let differences = compare(&together(&before, &resolution.catalog), &after, Expressions::Masked);
            let listed: Vec<String> = differences.iter().map(ToString::to_string).collect();
            assert!(listed.is_empty(), "PostgreSQL {major}, {regime}:\n{}", listed.join("\n"));
            assert!(readable(&after) > readable(&before), "the spec created nothing");
            // What PostgreSQL printed is what it prints again.
            let again = introspect(&client, None).await.unwrap();
            assert_eq!(compare(&after, &again, Expressions::Compared), []);
        }
    }
}

#[tokio::test]
async fn trust_lite_comes_back_from_a_server() {
    let (resolution, files) = support::trust_lite();
    comes_back(&resolution, &files).await;
}

#[tokio::test]
async fn every_kind_comes_back_from_a_server() {
    let (resolution, files) = support::everything();
    let kinds: Vec<Kind> = resolution.catalog.objects().map(|object| object.kind()).collect();
    for kind in Kind::ALL {
        assert!(kinds.contains(kind), "the spec has no {}", kind.word());
    }
    comes_back(&resolution, &files).await;
}
