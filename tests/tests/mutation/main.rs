//! A sample of the mutants of Trust-lite: those that survive are the committed ones. `TRUST_UPDATE=1` writes the list.

use std::path::Path;

use tests::compile::folder;
use tests::mutation::run;

/// Every how manieth mutant is tried.
const STEP: usize = 5;

#[test]
fn the_survivors_of_the_sample_are_those_committed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let outcomes = run(&folder(&root.join("../spec")), STEP);
    let survivors = outcomes.iter().filter(|outcome| outcome.survives());
    let survivors: String = survivors.map(|outcome| format!("{}: {} ({})\n", outcome.operator, outcome.place, outcome.reason())).collect();
    let path = root.join("tests/mutation/survivors.txt");
    if std::env::var_os("TRUST_UPDATE").is_some() {
        std::fs::write(&path, &survivors).expect("the list is writable");
    }
    let killed = outcomes.iter().filter(|outcome| !outcome.survives()).count();
    println!("{} mutants, {killed} killed", outcomes.len());
    for outcome in outcomes.iter().filter(|outcome| !outcome.survives()) {
        println!("{}: {}: {:?}", outcome.operator, outcome.place, outcome.told);
    }
    assert!(killed > 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), survivors);
}
