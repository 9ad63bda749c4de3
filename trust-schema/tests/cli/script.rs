//! Build scripts: what cargo is told, what is written, and what is refused.

use std::process::{Command, ExitCode};
use std::time::{Duration, SystemTime};

use trust_schema::build::{self, Options};

use super::shared::{Project, text};

/// A build script: the other half of the tests below.
#[test]
#[ignore = "run by the tests of build scripts in a process of its own"]
fn script_child() {
    let exit = build::run("../spec", ".");
    // An exit code has no other way to be compared.
    assert_eq!(format!("{exit:?}"), format!("{:?}", ExitCode::SUCCESS));
}

/// Runs the build script of a crate in the outputs' folder; gives whether it succeeded, and what it printed.
fn run(project: &Project, variables: &[(&str, &str)]) -> (bool, String, String) {
    std::fs::create_dir_all(project.path("generated")).expect("a folder");
    let mut command = Command::new(std::env::current_exe().expect("the tests"));
    command.args(["--exact", "script::script_child", "--ignored", "--nocapture"]).current_dir(project.path("generated"));
    command.env_remove("CI").env_remove("TRUST_SCHEMA_FROZEN").envs(variables.iter().copied());
    let output = command.output().expect("a run");
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn cargo_is_told_what_to_watch() {
    let project = Project::first();
    let (success, stdout, stderr) = run(&project, &[]);
    assert!(success, "{stderr}");
    let told: Vec<&str> = stdout.lines().filter(|line| line.starts_with("cargo::")).collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(project.outcome(&["check"]).0, 0);
}

#[test]
fn a_frozen_script_fails_on_a_difference_and_writes_nothing() {
    let project = Project::first();
    for variable in ["CI", "TRUST_SCHEMA_FROZEN"] {
        let before = project.tree();
        let (success, _, stderr) = run(&project, &[(variable, "1")]);
        assert!(!success && stderr.contains("  missing  rollback/full.sql\n"), "{stderr}");
        let mut after = project.tree();
        after.remove("generated/");
        let mut before = before;
        before.remove("generated/");
        assert_eq!(after, before);
    }
    assert!(run(&project, &[("CI", "false")]).0);
    assert!(run(&project, &[("CI", "1")]).0, "everything is fresh");
    project.edit("generated/rollback/full.sql", |text| text + "-- mine\n");
    let before = project.tree();
    let (success, _, stderr) = run(&project, &[("CI", "true")]);
    assert!(!success && stderr.contains("  changed  rollback/full.sql\n") && stderr.contains("\n--- mine\n"), "{stderr}");
    assert_eq!(project.tree(), before);
}

#[test]
fn errors_of_the_spec_fail_the_build_with_their_places() {
    let project = Project::first();
    project.edit("spec/notes.toml", |text| text.replace("\"authenticated\"", "\"authenticatd\""));
    let (success, _, stderr) = run(&project, &[]);
    assert!(!success && stderr.contains("../spec/notes.toml:") && stderr.contains("the spec in `../spec` has "), "{stderr}");
    assert!(!project.path("generated/migrations").exists());
}

#[test]
fn what_a_script_writes_is_older_than_its_start() {
    let project = Project::first();
    let outputs = build::compile(&project.path("spec")).expect("read").outputs.expect("outputs");
    let time = SystemTime::now() - Duration::from_secs(100);
    let report = build::persist(&project.path("generated"), &outputs, Options { modified: Some(time), observe: None }).expect("written");
    let start = SystemTime::now();
    std::fs::remove_dir_all(project.path("generated")).expect("removed");
    assert!(run(&project, &[]).0);
    for path in &report.created {
        let modified = std::fs::metadata(project.path("generated").join(path)).and_then(|metadata| metadata.modified()).expect("a time");
        assert!(modified < start, "{path}: cargo would run the script again and again");
    }
}
