//! The facts of PostgreSQL on which rules rest, measured on every major version.
//!
//! Each file of `claims` is a script that the deployer of a hardened Supabase project runs; it ends with a query of one boolean, which must be
//! true. Everything is rolled back.

use std::collections::BTreeSet;
use std::path::Path;

use tests::postgres::{database, majors};
use trust_schema::lint::rules;
use trust_schema::live::server::Regime;

/// Functions that the claims share.
const COMMON: &str = include_str!("claims/common.sql");

fn claims() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/claims");
    let mut claims: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the folder is readable")
        .map(|entry| entry.expect("an entry is readable").path())
        .map(|path| {
            (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), std::fs::read_to_string(&path).expect("a claim is readable"))
        })
        .filter(|(name, _)| name != "common")
        .collect();
    claims.sort();
    claims
}

#[test]
fn every_claim_holds_on_every_major_version() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let mut problems = Vec::new();
        for &major in majors() {
            let scratch = database(major, Regime::Hardened).await;
            super::platform(&scratch).await;
            for (name, sql) in claims() {
                let client = scratch.connect().await.expect("the deployer connects");
                let run = client.simple_query(&format!("begin;\n{COMMON}\n{sql}")).await;
                let holds = run.map(|messages| {
                    messages.into_iter().rev().find_map(|message| match message {
                        tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0) == Some("t")),
                        _ => None,
                    })
                });
                match holds {
                    Ok(Some(true)) => {}
                    Ok(answer) => problems.push(format!("{name} does not hold on {major}: {answer:?}")),
                    Err(error) => {
                        problems.push(format!("{name} does not run on {major}: {}", error.as_db_error().map_or("", |error| error.message())))
                    }
                }
            }
        }
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    });
}

#[test]
fn every_rule_rests_on_a_claim_and_every_claim_carries_a_rule() {
    let used: BTreeSet<&str> = rules::all().flat_map(|rule| rule.claims.iter().copied()).collect();
    let claims = claims();
    let measured: BTreeSet<&str> = claims.iter().map(|(name, _)| name.as_str()).collect();
    assert!(rules::all().all(|rule| !rule.claims.is_empty()));
    assert_eq!(used, measured);
}
