//! Byte equality with `@supabase/postgrest-typegen` on the applied schema.

use std::process::Command;

use tests::postgres;
use trust_schema::emit::typescript::exposed_schemas;
use trust_schema::live::server::Regime;

use crate::node;
use crate::spec::{Compiled, repository};

/// What upstream generates from a database with the spec applied.
async fn upstream(compiled: &Compiled, regime: Regime) -> String {
    let major = postgres::any_major();
    let database = postgres::database(major, regime).await;
    let client = database.connect().await.unwrap();
    for migration in compiled.migrations() {
        let applied = client.batch_execute(&format!("begin;\n{migration}\ncommit;")).await;
        applied.unwrap_or_else(|error| panic!("{error:?}\n{migration}"));
    }
    drop(client);
    let cluster = postgres::cluster(major);
    let folder = node::folder();
    std::fs::copy(repository().join("tests/typescript/generate.mjs"), folder.path().join("generate.mjs")).unwrap();
    let mut command = Command::new("node");
    command.arg(folder.path().join("generate.mjs")).arg(cluster.directory()).args(["5432", "postgres", database.name()]);
    command.args(exposed_schemas(&compiled.resolution));
    let output = node::run(&mut command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// # Panics
/// Where the types below the head differ from upstream's, with the difference.
async fn assert_equal(compiled: &Compiled, regime: Regime) {
    let (ours, _) = compiled.typescript();
    let (head, ours) = ours.split_once("\n\n").unwrap();
    assert!(head.lines().all(|line| line.starts_with("//")), "{head}");
    let theirs = upstream(compiled, regime).await;
    // What is compared is not nothing.
    assert!(theirs.contains("export type Database = {"), "{theirs}");
    if ours != theirs {
        let diff = similar::TextDiff::from_lines(theirs.as_str(), ours);
        panic!("\n{}", diff.unified_diff().context_radius(3).header("upstream", "ours"));
    }
}

#[tokio::test]
async fn the_types_of_trust_lite_are_upstreams() {
    for regime in Regime::ALL {
        assert_equal(&Compiled::trust_lite(), regime).await;
    }
}

#[tokio::test]
async fn the_types_of_every_form_are_upstreams() {
    assert_equal(&Compiled::synthetic(), Regime::Hardened).await;
}

/// A schema counts as exposed where clients may use it, and not already where one of its functions was granted for the sake of policies.
#[test]
fn the_exposed_schemas_are_those_that_clients_can_use() {
    let exposed = |compiled: &Compiled| exposed_schemas(&compiled.resolution).into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(exposed(&Compiled::trust_lite()), ["public"]);
    assert_eq!(exposed(&Compiled::synthetic()), ["other", "public"]);
}
