//! What saves a plan work changes no result: what is the same on both sides and is left out, and what was released and is not read anew.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tests::compile::{files, release};
use trust_schema::access::{access, access_apart, diff};
use trust_schema::catalog::Catalog;
use trust_schema::catalog::Object;
use trust_schema::compile::{Compilation, compile};
use trust_schema::kinds::function::Function;
use trust_schema::release::{Locked, Previous, Released, Unread, parse, text};
use trust_schema::resolve::begin;

use super::cases::{both, cases, files_after};
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
    let in_plpgsql = |function: &Function| function.language != "sql";
    let bodies = plain.catalog.objects().filter_map(|object| if let Object::Function(function) = object { Some(function) } else { None });
    let bodies = bodies.filter(|function| in_plpgsql(function)).map(|function| function.body.clone()).collect();
    assert_eq!(Locked::read(lock.clone()).expect(what).bodies(&|language| language != "sql"), bodies, "{what}");
    let shared = Locked::read(lock).and_then(|locked| locked.release(like)).expect(what);
    assert!(plain.catalog.iter().eq(shared.catalog.iter()), "{what}");
    // What is the same in both is one object.
    for (id, entry) in shared.catalog.iter() {
        let place = like.place(id).and_then(|place| like.at(place));
        let known = place.map(|(_, known)| known).filter(|known| *known == entry);
        assert!(known.is_none_or(|known| std::ptr::eq(known, entry)), "{what}: {id} was read anew");
    }
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
        // Through the file, as from a disk.
        let Released { release, files } = release(&before);
        let previous = Previous::Unread(Unread { locked: Locked::read(text(&release)).expect(&name), files });
        let unread = begin(files_after(&case)).resolve(Some(previous)).resolution.expect(&name);
        let unread = (unread.catalog, unread.pending.map(|pending| (pending.evolution, pending.back, pending.hazards)));
        let read = (&resolution.catalog, (&pending.evolution, &pending.back, &pending.hazards));
        assert!(unread.0 == *read.0, "{name}");
        assert_eq!(unread.1.as_ref().map(|(one, two, three)| (one, two, three)), Some(read.1), "{name}");
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
