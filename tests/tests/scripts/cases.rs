//! One folder for each case in `cases/sql`: `migrations/*.sql`, and `expected.txt` with what is said of them. `TRUST_UPDATE=1` writes it.

use std::path::PathBuf;

use tests::postgres::any_major;
use trust_schema::diagnostic::render::{concise, full};
use trust_schema::diagnostic::{Diagnostic, has_errors};
use trust_schema::live::server::{Platform, Regime};
use trust_schema::scripts::Project;

use super::{checked, project, root, runtime, target};

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("tests/cases/sql")).expect("the folder of cases is readable");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry is readable").path()).collect();
    cases.sort();
    cases
}

fn rendered(project: &Project, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&concise::render(diagnostic, &project.sources, "migrations"));
        text.push('\n');
    }
    for diagnostic in diagnostics {
        text.push_str(&format!("\n{}\n", full::render(diagnostic, &project.sources, "migrations", full::Style::Plain).trim_end()));
    }
    if text.is_empty() { "clean\n".to_owned() } else { text }
}

#[test]
fn every_project_is_told_what_is_recorded() {
    runtime().block_on(async {
        let target = target(any_major());
        let mut differ = Vec::new();
        for case in cases() {
            let (project, mut diagnostics) = project(&case.join("migrations"));
            let mut not_checked = Vec::new();
            if !has_errors(&diagnostics) {
                let checked = checked(&target, &project, &Regime::ALL).await;
                diagnostics.extend(checked.diagnostics);
                not_checked = checked.not_checked;
            }
            let notes: String = not_checked.iter().map(|what| format!("not checked: {what}\n")).collect();
            let text = notes + &rendered(&project, &diagnostics);
            let expected = case.join("expected.txt");
            if std::env::var_os("TRUST_UPDATE").is_some() {
                std::fs::write(&expected, &text).expect("the expectation is written");
            }
            let recorded = std::fs::read_to_string(&expected).unwrap_or_default();
            if recorded != text {
                let difference = similar::TextDiff::from_lines(&recorded, &text).unified_diff().header("recorded", "told").to_string();
                differ.push(format!("{}:\n{difference}", case.display()));
            }
        }
        assert!(
            differ.is_empty(),
            "{} cases differ; `TRUST_UPDATE=1 cargo test -p tests --test scripts` records:\n{}",
            differ.len(),
            differ.join("\n")
        );
        // Of what scripts make in the whole cluster, nothing is left.
        let scratch = target.scratch(Platform::Plain, &[]).await.expect("a database");
        let client = scratch.connect_as_administrator().await.expect("a connection");
        let left: i64 = client.query_one("select count(*) from pg_roles where rolname = 'reporter'", &[]).await.expect("a count").get(0);
        assert_eq!(left, 0, "a role that a script made is still there");
    });
}

#[test]
fn there_are_as_many_cases_as_promised() {
    assert!(cases().len() >= 16, "{} cases", cases().len());
}
