//! `[lint]`: levels, waivers, and what is told of both; leaks are not compiled.

use tests::compile::{compile, files};
use trust_schema::diagnostic::Severity;
use trust_schema::lint::{Subject, lint, prelude};

const OPEN: &str = "[table.notes.access]\nauthenticated = [\"select\", \"insert\"]\n\n[table.notes.policy.open]\ncommand = \"insert\"\nto = [\"authenticated\"]\ncheck = \"true\"\n\n[table.notes.policy.read]\ncommand = \"select\"\nto = [\"authenticated\"]\nusing = \"true\"\n";

fn spec(config: &str) -> Vec<trust_schema::source::SourceFile> {
    files(&[("trust.toml", &format!("{}{config}", prelude::PROJECT)), ("example.toml", &format!("{}{OPEN}", prelude::MODULE))])
}

/// What is told, with whether it is an error and the line where it stands.
fn told(config: &str) -> Vec<String> {
    let compiled = compile(spec(config));
    let resolution = compiled.0.resolution.as_ref().unwrap_or_else(|| panic!("{}", compiled.full()));
    let line = |diagnostic: &trust_schema::diagnostic::Diagnostic| {
        let place = diagnostic.labels.first().map(|label| (label.span, compiled.0.sources.position(label.span).line));
        let place = place.map(|(span, line)| format!("{}:{line}", compiled.0.sources.get(span.file).path));
        let severity = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
        format!("{} {severity} {}", place.unwrap_or_default(), diagnostic.code.name)
    };
    lint(&Subject::of(resolution)).iter().map(line).collect()
}

#[test]
fn findings_stand_where_the_object_is_declared() {
    assert_eq!(told(""), ["example.toml:23 error policy-always-true-write", "example.toml:28 warning policy-always-true-read"]);
}

#[test]
fn levels_are_set_by_name_and_by_code() {
    let told = told("[lint.level]\npolicy-always-true-write = \"warn\"\nTL0203 = \"allow\"\ntable-without-comment = \"error\"\n");
    assert_eq!(told, ["example.toml:4 error table-without-comment", "example.toml:23 warning policy-always-true-write"]);
}

#[test]
fn a_waiver_waives_one_finding_and_one_without_is_told() {
    let waiver =
        |rule: &str, object: &str, reason: &str| format!("[[lint.waiver]]\nrule = \"{rule}\"\nobject = \"{object}\"\nreason = \"{reason}\"\n");
    let used = waiver("policy-always-true-read", "policy public.notes.read", "Notes are public.");
    assert_eq!(told(&used), ["example.toml:23 error policy-always-true-write"]);
    assert_eq!(told(&used.replace("policy public", "public")), ["example.toml:23 error policy-always-true-write"]);
    let unused = told(&waiver("TL0203", "public.notes.opne", "Notes are public."));
    assert!(unused.iter().any(|line| line == "trust.toml:7 warning unused-lint-waiver") && unused.len() == 3, "{unused:?}");
    let silent = told(&waiver("TL0203", "public.notes.read", " "));
    assert!(silent.iter().any(|line| line == "trust.toml:7 error unused-lint-waiver"), "{silent:?}");
}

#[test]
fn a_rule_that_there_is_not_is_told_with_the_nearest_one() {
    let compiled = compile(spec("[lint.level]\npolicy-allways-true-read = \"warn\"\n"));
    let told = lint(&Subject::of(compiled.0.resolution.as_ref().expect("the spec resolves")));
    let unknown = told.iter().find(|diagnostic| diagnostic.code.name == "unknown-rule").expect("the rule is told");
    assert_eq!(unknown.help, ["did you mean `policy-always-true-read`?"]);
}

#[test]
fn a_leak_is_not_compiled_unless_it_is_waived_or_less_than_an_error() {
    let outputs = |config: &str| trust_schema::compile::compile(spec(config)).outputs.is_some();
    assert!(!outputs(""));
    assert!(outputs("[lint.level]\npolicy-always-true-write = \"warn\"\n"));
    assert!(outputs("[[lint.waiver]]\nrule = \"policy-always-true-write\"\nobject = \"public.notes.open\"\nreason = \"A guest book.\"\n"));
    // What is an error, but no leak, is told by `lint` alone.
    let told = "[lint.level]\npolicy-always-true-write = \"warn\"\npolicy-always-true-read = \"error\"\n";
    assert!(outputs(told));
}
