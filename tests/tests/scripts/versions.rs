//! Every version of PostgreSQL runs the same scripts and is told the same.

use tests::postgres::{any_major, majors, oldest_read};
use trust_schema::live::server::{OLDEST_READ_MAJOR, Regime};

use super::{checked, project, root, runtime, target};

#[test]
fn every_version_is_told_the_same() {
    told_the_same(majors(), &["dump_of_a_project", "everything_postgresql_has", "functions_of_many_shapes", "profile_trigger"]);
}

/// Scripts of others are looked at on the oldest version, too, as far as it knows what is in them.
#[test]
fn the_oldest_version_is_told_the_same() {
    let Some(oldest) = oldest_read() else { return };
    let cases = ["clean_multi_tenant", "functions_of_many_shapes", "made_by_a_block", "names_in_bodies", "policy_using_true", "profile_trigger"];
    told_the_same(&[any_major(), oldest], &cases);
}

fn told_the_same(majors: &[u32], cases: &[&str]) {
    let mut first: Option<Vec<String>> = None;
    for major in majors {
        let told = runtime().block_on(async {
            let target = target(*major);
            let mut told = Vec::new();
            for case in cases {
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
        // Until 15 everybody might create in `public`.
        let of_its_time = |line: &String| line.contains("in which clients may create");
        assert_eq!(told.iter().any(of_its_time), *major == OLDEST_READ_MAJOR, "PostgreSQL {major}: {told:#?}");
        let told: Vec<String> = told.into_iter().filter(|line| !of_its_time(line)).collect();
        let known = first.get_or_insert_with(|| told.clone());
        let differ: Vec<&String> = known.iter().filter(|line| !told.contains(line)).chain(told.iter().filter(|line| !known.contains(line))).collect();
        assert!(differ.is_empty(), "PostgreSQL {major}: {differ:#?}");
    }
}
