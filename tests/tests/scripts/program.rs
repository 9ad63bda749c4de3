//! The program on migrations that were written by hand.

use std::path::PathBuf;
use std::process::Command;

use tests::postgres::{any_major, server};

use super::root;

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs `lint --sql` on a case with a server that is found by its folder, whatever else the machine has.
fn lint(case: &str, arguments: &[&str]) -> Run {
    let folder: PathBuf = root().join("tests/cases/sql").join(case);
    let mut command = Command::new(env!("CARGO_BIN_EXE_trust-schema-under-test"));
    command.args(["lint", "--sql"]).arg(&folder).args(arguments);
    command.env("TRUST_SCHEMA_PG_BIN", server(any_major()).binaries).env_remove("TRUST_SCHEMA_DATABASE_URL");
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn findings_are_told_in_every_form_and_end_as_they_should() {
    let found = lint("function_without_check", &["--format", "concise"]);
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    assert!(
        found.stdout.contains("migrations/20240102000000_add_credits.sql:12:3: error[TS0701]: function `public.add_credits`"),
        "{}",
        found.stdout
    );
    assert!(found.stderr.contains("as Supabase has it (legacy and hardened); nobody says here what a tenant is"), "{}", found.stderr);

    let github = lint("function_without_check", &["--format", "github", "--regime", "hardened"]);
    assert_eq!(github.code, Some(1), "{}", github.stderr);
    let annotation = github.stdout.lines().find(|line| line.contains("TS0702")).unwrap_or_default();
    assert!(annotation.starts_with("::error file=") && annotation.contains("20240102000000_add_credits.sql,line=41"), "{annotation}");
    assert!(github.stdout.lines().all(|line| line.starts_with("::error") || line.starts_with("::warning")), "{}", github.stdout);

    let sarif = lint("function_without_check", &["--format", "sarif", "--regime", "legacy"]);
    let document: serde_sarif::sarif::Sarif = serde_json::from_str(&sarif.stdout).unwrap_or_else(|error| panic!("{error}: {}", sarif.stdout));
    assert!(document.runs.first().and_then(|run| run.results.as_ref()).is_some_and(|results| results.len() > 10));

    let json = lint("failing_migration", &["--format", "json"]);
    assert_eq!(json.code, Some(1), "{}", json.stderr);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap_or_else(|error| panic!("{error}: {}", json.stdout));
    let diagnostics = document["diagnostics"].as_array().expect("a list of diagnostics");
    assert_eq!(diagnostics.len(), 1, "{document}");
    assert_eq!(diagnostics[0]["code"], "TS0803");
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let fine = lint("clean_multi_tenant", &["--regime", "hardened", "--format", "concise"]);
    assert_eq!(fine.code, Some(0), "{}{}", fine.stdout, fine.stderr);
    assert!(!fine.stdout.contains("error["), "{}", fine.stdout);
    let denied = lint("clean_multi_tenant", &["--regime", "hardened", "--deny", "warnings"]);
    assert_eq!(denied.code, Some(1), "{}", denied.stderr);
}
