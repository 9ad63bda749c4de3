//! Bodies that were cut, doubled and mixed never make the analysis panic, and what it cannot read it does not call harmless.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use trust_schema::plpgsql::Verdict;

use super::shapes::{report, shapes, world};

#[test]
fn mutated_bodies_never_panic() {
    let world = world();
    let shapes = shapes();
    let words: Vec<&str> = shapes.iter().flat_map(|shape| shape.body.split_inclusive(' ')).collect();
    let change = (0..shapes.len(), prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<prop::sample::Index>()), 1..6));
    let config = Config { cases: 3000, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&change, |(shape, changes)| {
            let mut function = shapes[shape].function();
            let mut parts: Vec<&str> = function.body.split_inclusive(' ').collect();
            for (place, what, other) in changes {
                if parts.is_empty() {
                    break;
                }
                let place = place.index(parts.len());
                match what {
                    0 => drop(parts.remove(place)),
                    1 => parts.insert(place, words[other.index(words.len())]),
                    2 => parts[place] = words[other.index(words.len())],
                    _ => {
                        let other = other.index(parts.len());
                        parts.swap(place, other);
                    }
                }
            }
            let body = parts.concat();
            function.body.clone_from(&body);
            let found = report(&world, &function);
            let inside = |range: &std::ops::Range<usize>| range.start <= range.end && body.get(range.clone()).is_some();
            match &found.verdict {
                Verdict::NotAnalysable { bytes, .. } => prop_assert!(inside(bytes), "{bytes:?}"),
                Verdict::Refuted(refutations) => {
                    for refutation in refutations {
                        prop_assert!(inside(&refutation.bytes) && refutation.path.iter().all(|step| inside(&step.bytes)), "{refutation:?}");
                    }
                }
                Verdict::Proved | Verdict::NoWrite => {}
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_cannot_be_read_is_not_harmless() {
    let world = world();
    for body in ["begin", "begin loop end", "begin if x then end", "begin ) end", "", "begin 'x' end", "begin x := 1 end; end; begin end"] {
        let mut function = shapes().remove(0).function();
        function.body = body.to_owned();
        let found = report(&world, &function).verdict;
        assert!(matches!(found, Verdict::NotAnalysable { .. }), "{body}: {found:?}");
    }
}
