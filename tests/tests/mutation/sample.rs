//! Every so manieth mutant of Trust-lite, without a server: of which neither the compiler, nor a rule, nor the diff of access tells, is committed.
//! `TRUST_UPDATE=1` writes the list.

use std::path::Path;

use tests::compile::folder;
use tests::mutation::{Family, Judged, Stage, System};

/// Every how manieth mutant is tried.
const STEP: usize = 60;

#[test]
fn what_is_not_told_of_the_sample_is_what_is_committed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let system = System::new("trust-lite", folder(&root.join("../spec")));
    let (mut left, mut told) = (String::new(), Vec::new());
    // Of migrations a server alone tells.
    for mutant in system.mutants().iter().step_by(STEP).filter(|mutant| mutant.family() != Family::Migration) {
        match system.judge(mutant) {
            Judged::Stillborn => {}
            Judged::Told(stage, by) => {
                println!("{}: {}: {}: {by:?}", stage.word(), mutant.operator, mutant.place);
                told.push(stage);
            }
            Judged::Survives(_) => left.push_str(&format!("{}: {}\n", mutant.operator, mutant.place)),
        }
    }
    for stage in [Stage::Refused, Stage::Lint, Stage::Access] {
        assert!(told.contains(&stage), "nothing is told by {}", stage.word());
    }
    let path = root.join("tests/mutation/survivors.txt");
    if std::env::var_os("TRUST_UPDATE").is_some() {
        std::fs::write(&path, &left).expect("the list is writable");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), left);
}
