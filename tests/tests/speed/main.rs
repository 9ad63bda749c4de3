//! What PostgreSQL does for each function and each policy of `spec/`: its plans are read, no clock is.
//!
//! Every function that clients call runs as its benchmark calls it, among 100 rows and among 100 000, with every statement inside of it
//! explained. None may read a big table from end to end, and what it touches may grow by no more than the height of indexes.

mod functions;
mod plans;
mod policies;

use tests::{benchmark, postgres};
use trust_schema::live::server::{Platform, Regime, Scratch};

const FEW: u32 = 100;
const MANY: u32 = 100_000;

/// The oldest and the newest version that are tested.
fn majors() -> Vec<u32> {
    let all = postgres::majors();
    let mut ends: Vec<u32> = all.first().into_iter().chain(all.last()).copied().collect();
    ends.dedup();
    ends
}

async fn filled(major: u32, rows: u32) -> Scratch {
    let database = postgres::cluster(major).scratch(Platform::Supabase(Regime::Hardened), &[]).await.unwrap_or_else(|error| panic!("{error}"));
    benchmark::deploy(&database, rows).await;
    database
}

/// One database with many rows serves all that follows: filling it is what costs.
#[tokio::test]
async fn no_cost_grows_with_a_table_and_policies_use_indexes() {
    for major in majors() {
        let few = filled(major, FEW).await;
        let many = filled(major, MANY).await;
        functions::hold(major, &few, &many).await;
        policies::hold(major, &many).await;
        functions::report_a_missing_index(major, &few, &many).await;
        policies::report_mutants(major, &many).await;
    }
}

#[test]
fn every_function_that_clients_call_has_a_benchmark() {
    let mixed = benchmark::files().0.get("benchmark/mixed_load.txt").unwrap();
    let without: Vec<&str> = mixed.lines().filter(|line| line.starts_with("# Without a benchmark")).collect();
    assert!(without.is_empty(), "{without:#?}");
    assert!(benchmark::scripts().count() >= 21);
}
