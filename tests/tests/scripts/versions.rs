//! Every version of PostgreSQL runs the same scripts and is told the same.

use tests::postgres::majors;
use trust_schema::live::server::Regime;

use super::{checked, project, root, runtime, target};

const CASES: &[&str] = &["dump_of_a_project", "everything_postgresql_has", "functions_of_many_shapes", "profile_trigger"];

#[test]
fn every_version_is_told_the_same() {
    let mut first: Option<Vec<String>> = None;
    for major in majors() {
        let told = runtime().block_on(async {
            let target = target(*major);
            let mut told = Vec::new();
            for case in CASES {
                let (project, diagnostics) = project(&root().join("tests/cases/sql").join(case).join("migrations"));
                assert!(diagnostics.is_empty(), "{case}: {diagnostics:?}");
                let found = checked(&target, &project, &[Regime::Hardened]).await;
                assert!(found.is_complete, "{case} on {major}: {:?}", found.diagnostics);
                told.extend(found.not_checked.iter().map(|what| format!("{case}: {what}")));
                // PostgreSQL 17 knows one privilege more, which ALL grants as it grants TRUNCATE.
                let message = |message: &str| message.replace("MAINTAIN", "TRUNCATE");
                told.extend(found.diagnostics.iter().map(|diagnostic| format!("{case} {}: {}", diagnostic.code.id, message(&diagnostic.message))));
                told.dedup();
            }
            told
        });
        let known = first.get_or_insert_with(|| told.clone());
        let differ: Vec<&String> = known.iter().filter(|line| !told.contains(line)).chain(told.iter().filter(|line| !known.contains(line))).collect();
        assert!(differ.is_empty(), "PostgreSQL {major}: {differ:#?}");
    }
}
