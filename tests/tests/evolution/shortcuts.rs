//! What saves a plan work changes no result: what is the same on both sides and is left out, and what was released and is not read anew.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tests::compile::{files, release};
use trust_schema::access::{access, access_apart, diff};
use trust_schema::catalog::Catalog;
use trust_schema::compile::{Compilation, compile};
use trust_schema::release::{Locked, parse, text};

use super::cases::{both, cases};
use super::random::{neighbour, random};
use super::run::PROJECT;
use super::system::System;

const PAIRS: usize = 60;

/// Of two states, with everything of both, and with what differs.
fn access_is_compared_alike(what: &str, before: &Catalog, after: &Compilation) {
    let Some(resolution) = &after.resolution else { return };
    let owner = &resolution.project.owner;
    for (one, two) in [(before, &resolution.catalog), (&resolution.catalog, before)] {
        let [old, new] = access_apart(one, two, owner);
        assert_eq!(diff(&old, &new), diff(&access(one, owner), &access(two, owner)), "{what}");
    }
}

/// The file of a release, read beside a Catalog that has some of its objects.
fn lock_is_read_alike(what: &str, released: &Compilation, like: &Catalog) {
    let lock = text(&release(released).release);
    let plain = parse(&lock).expect(what);
    let shared = Locked::read(lock).and_then(|locked| locked.release(like)).expect(what);
    assert!(plain.catalog.iter().eq(shared.catalog.iter()), "{what}");
    assert_eq!((&plain.steps, &plain.migrations, &plain.promises), (&shared.steps, &shared.migrations, &shared.promises), "{what}");
}

#[test]
fn recorded_changes_are_read_alike() {
    for case in cases() {
        let name = case.file_name().unwrap_or_default().to_string_lossy();
        let (before, after) = both(&case);
        let Some(resolution) = &after.resolution else { continue };
        let Some(pending) = &resolution.pending else { continue };
        let old = pending.evolution.renamed.as_ref().unwrap_or(&pending.released.release.catalog);
        access_is_compared_alike(&name, old, &after);
        lock_is_read_alike(&name, &before, &resolution.catalog);
    }
}

fn compilation(system: &System) -> Compilation {
    compile(files(&[("trust.toml", PROJECT), ("a.toml", &system.module())]))
}

#[test]
fn random_changes_are_read_alike() {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut rng = runner.new_rng();
    let mut changes = 0;
    for number in 0..PAIRS {
        let before = random(&mut rng);
        let after = neighbour(&before, &mut rng);
        let (before, after) = (compilation(&before), compilation(&after));
        let Some(resolution) = before.resolution.as_ref().filter(|_| before.outputs.is_some()) else { continue };
        let what = format!("pair {number}");
        access_is_compared_alike(&what, &resolution.catalog, &after);
        if let Some(like) = &after.resolution {
            lock_is_read_alike(&what, &before, &like.catalog);
            let [old, new] = [&resolution.catalog, &like.catalog].map(|catalog| access(catalog, &resolution.project.owner));
            changes += diff(&old, &new).len();
        }
    }
    // Where nothing changes, nothing could be left out wrongly.
    assert!(changes > PAIRS, "{changes}");
}
