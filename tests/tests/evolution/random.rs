//! Random pairs of systems: the way from one to the other leads where a fresh build leads, and the way back to where it began.

use proptest::prelude::RngExt;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tests::postgres::{any_major, database};
use trust_schema::catalog::Catalog;
use trust_schema::evolution::{Hazard, Intent, Manner, between, hazards};
use trust_schema::live::server::Regime;

use super::names;
use super::run::{Found, build, catalog, compiled, differences, fill, found, rows, run_part, text, way, way_as};
use super::system::{KNOBS, System};

/// Pairs in a run; `TRUST_SCHEMA_EVOLUTION_PAIRS` for more.
const PAIRS: usize = 25;

fn pairs() -> usize {
    std::env::var("TRUST_SCHEMA_EVOLUTION_PAIRS").ok().and_then(|count| count.parse().ok()).unwrap_or(PAIRS)
}

pub(super) fn random(rng: &mut TestRng) -> System {
    System(KNOBS.iter().map(|(_, variants)| if rng.random_bool(0.25) { 0 } else { rng.random_range(0..*variants) }).collect())
}

pub(super) fn neighbour(system: &System, rng: &mut TestRng) -> System {
    let mut next = system.clone();
    let changes = if rng.random_bool(0.2) { KNOBS.len() } else { rng.random_range(1..6) };
    for _ in 0..changes {
        let knob = rng.random_range(0..KNOBS.len());
        next.0[knob] = rng.random_range(0..KNOBS[knob].1);
    }
    next
}

/// Tries a pair; what went wrong.
async fn attempt(before: &System, after: &System, major: u32) -> Result<(), String> {
    let (old, new) = match (compiled(&before.module()), compiled(&after.module())) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(error), _) => return Err(format!("does not compile: {error}\n{}", before.module())),
        (_, Err(error)) => return Err(format!("does not compile: {error}\n{}", after.module())),
    };
    let (old_catalog, new_catalog) = (catalog(&old), catalog(&new));
    if names::takes_a_name(before, old_catalog, after, new_catalog) {
        return Ok(());
    }
    let fresh = database(major, Regime::Hardened).await;
    let fresh_client = fresh.connect().await.expect("a connection");
    build(&fresh_client, &new).await.map_err(|error| format!("fresh build: {error}\n{}", after.module()))?;
    let scratch = database(major, Regime::Hardened).await;
    let client = scratch.connect().await.expect("a connection");
    let administrator = scratch.connect_as_administrator().await.expect("a connection");
    build(&client, &old).await.map_err(|error| format!("build: {error}\n{}", before.module()))?;
    fill(&client, old_catalog).await;
    let start: Found = found(&administrator).await;
    let start_rows = rows(&administrator).await;
    let intent = names::intent(before, old_catalog, after, new_catalog);
    let intent_back = names::intent(after, new_catalog, before, old_catalog);
    let there = way_as(old_catalog, new_catalog, &intent, Manner::Online)?;
    // Told at compile time.
    if !there.refused.is_empty() {
        return Ok(());
    }
    let mut states = vec![start];
    for part in &there.parts {
        run_part(&client, part).await.map_err(|error| format!("there: {error}\n{}", text(&there)))?;
        states.push(found(&administrator).await);
    }
    let Some(arrived) = states.last() else { return Ok(()) };
    let wanted = found(&fresh.connect_as_administrator().await.expect("a connection")).await;
    let wrong = differences(&wanted, arrived);
    if !wrong.is_empty() {
        return Err(format!("not where a fresh build leads:\n{}\n{}", wrong.join("\n"), text(&there)));
    }
    // Once more there is nothing to do.
    let again = way(new_catalog, new_catalog, Manner::Online)?;
    if !again.is_empty() {
        return Err(format!("not at rest:\n{}", text(&again)));
    }
    // Part by part, as the rollbacks are run.
    let intermediate = between(&there, old_catalog, new_catalog);
    let catalogs: Vec<&Catalog> = [old_catalog].into_iter().chain(&intermediate).chain([new_catalog]).collect();
    for (number, pair) in catalogs.windows(2).enumerate().rev().filter(|(number, _)| *number < there.parts.len()) {
        let later = Intent { renames: Vec::new(), ..intent_back.clone() };
        let back = way_as(pair[1], pair[0], if number == 0 { &intent_back } else { &later }, Manner::AtOnce)?;
        if !back.refused.is_empty() {
            return Ok(());
        }
        for part in &back.parts {
            run_part(&client, part).await.map_err(|error| format!("back over part {}: {error}\n{}\n{}", number + 1, text(&back), text(&there)))?;
        }
        let mut wrong = differences(&states[number], &found(&administrator).await);
        // What has been validated stays so.
        wrong.retain(|line| !(line.starts_with("gone: constraint") && line.ends_with("NOT VALID unproved")));
        if !wrong.is_empty() {
            return Err(format!("not back before part {}:\n{}\n{}\n{}", number + 1, wrong.join("\n"), text(&back), text(&there)));
        }
    }
    // Where nothing was told to be lost on the way there, every row is as it was. What the way back destroys was not there before.
    let end_rows = rows(&administrator).await;
    let told = hazards(&there).iter().any(|hazard| matches!(hazard, Hazard::Loss { .. } | Hazard::Reduced { .. }));
    if !told && start_rows != end_rows {
        return Err(format!("other rows:\n{}\nwere\n{}\n{}", end_rows.join("\n"), start_rows.join("\n"), text(&there)));
    }
    Ok(())
}

/// The smallest pair that still fails: knobs that are alike are set to the plainest, differing ones made alike.
async fn shrunk(mut before: System, mut after: System, mut error: String, major: u32) -> (System, System, String) {
    for knob in 0..KNOBS.len() {
        let candidates = if before.0[knob] == after.0[knob] {
            vec![(0, 0)]
        } else {
            vec![(0, 0), (before.0[knob], before.0[knob]), (0, after.0[knob]), (before.0[knob], 0)]
        };
        for (old, new) in candidates {
            let (mut first, mut second) = (before.clone(), after.clone());
            first.0[knob] = old;
            second.0[knob] = new;
            if (&first, &second) == (&before, &after) {
                continue;
            }
            match attempt(&first, &second, major).await {
                Err(smaller) if !smaller.starts_with("does not compile") => {
                    (before, after, error) = (first, second, smaller);
                    break;
                }
                _ => {}
            }
        }
    }
    (before, after, error)
}

#[tokio::test]
async fn every_way_leads_where_a_fresh_build_does_and_back() {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut rng = runner.new_rng();
    let major = any_major();
    let mut failures = Vec::new();
    for number in 0..pairs() {
        let before = random(&mut rng);
        let after = neighbour(&before, &mut rng);
        if number % 100 == 99 {
            eprintln!("{} pairs, {} failures", number + 1, failures.len());
        }
        if let Err(error) = attempt(&before, &after, major).await {
            let (before, after, error) = shrunk(before, after, error, major).await;
            failures.push(format!("pair {number}: {}\n{error}", before.difference(&after)));
            if failures.len() >= 5 {
                break;
            }
        }
    }
    println!("{} pairs, {} failures", pairs(), failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
