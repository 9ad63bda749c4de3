//! PostgreSQL as the oracle of what is decided about random policies: no proved one leaks, and every witness is seen.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tests::postgres::{any_major, database};
use tokio_postgres::Client;
use trust_schema::lint::isolation::{Verdict, Witness};
use trust_schema::live::server::Regime;

/// Policies, and what is decided about them.
pub struct Case {
    /// For messages.
    pub shown: String,
    /// The statements that make them.
    pub setup: String,
    pub verdict: Verdict,
}

/// How often what was decided.
#[derive(Default)]
pub struct Tally {
    pub proved: usize,
    pub refuted: usize,
    pub undecided: usize,
}

/// How many conditions are tried: as many as the environment says.
pub fn cases(usually: usize) -> usize {
    std::env::var("TRUST_SCHEMA_ISOLATION_CASES").ok().map_or(usually, |text| text.parse().expect("a number"))
}

/// Asks PostgreSQL about each case that is decided.
pub fn confirm<S: Strategy>(
    seed: u8,
    cases: usize,
    fixture: &str,
    strategy: &S,
    case: impl Fn(S::Value) -> Case,
    leaks: impl AsyncFn(&Client) -> Vec<String>,
    is_seen: impl AsyncFn(&Client, &Witness) -> bool,
) -> Tally {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let mut tally = Tally::default();
    runtime.block_on(async {
        let scratch = database(any_major(), Regime::Hardened).await;
        let client = scratch.connect_as_administrator().await.expect("a connection");
        let id = "create function pg_temp.id(number integer) returns uuid language sql as $$ select ('00000000-0000-0000-0000-0000000000' || lpad(number::text, 2, '0'))::uuid $$;";
        client.batch_execute(&format!("{id}{fixture}")).await.unwrap_or_else(|error| panic!("{error:?}"));
        for _ in 0..cases {
            let Case { shown, setup, verdict } = case(strategy.new_tree(&mut runner).expect("a condition is made").current());
            if verdict == Verdict::Undecided {
                tally.undecided += 1;
                continue;
            }
            client.batch_execute(&format!("begin; {setup}")).await.unwrap_or_else(|error| panic!("{setup}: {error:?}"));
            match verdict {
                Verdict::Proved => {
                    tally.proved += 1;
                    let leaks = leaks(&client).await;
                    assert!(leaks.is_empty(), "{shown} is proved, and leaks:\n{}", leaks.join("\n"));
                }
                Verdict::Refuted(witness) => {
                    tally.refuted += 1;
                    assert!(is_seen(&client, &witness).await, "{shown} is refuted by {witness}, which is not seen: {witness:?}");
                }
                Verdict::Undecided => {}
            }
            client.batch_execute("rollback").await.expect("the end of a case");
        }
    });
    let Tally { proved, refuted, undecided } = tally;
    println!("{cases} conditions: {proved} proved, {refuted} refuted, {undecided} undecided");
    tally
}
