//! Nothing is found where nothing is wrong.

use std::path::Path;

use tests::compile::{compile, folder};
use tests::large_spec;
use trust_schema::diagnostic::Severity;
use trust_schema::lint::{Subject, lint};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The number of objects, and what the compiler and the rules say.
fn told(files: Vec<trust_schema::source::SourceFile>) -> (usize, Vec<(Severity, String)>) {
    let compiled = compile(files);
    let resolution = compiled.0.resolution.as_ref().unwrap_or_else(|| panic!("the spec has errors:\n{}", compiled.full()));
    let found = lint(&Subject::of(resolution)).into_iter().chain(compiled.0.diagnostics.iter().cloned());
    let told = found.map(|diagnostic| (diagnostic.severity, format!("{}: {}", diagnostic.code.name, diagnostic.message)));
    (resolution.catalog.len(), told.collect())
}

#[test]
fn trust_lite_has_no_findings() {
    let (_, told) = told(folder(&root().join("../spec")));
    assert!(told.is_empty(), "{told:#?}");
}

/// What the cases and the introduction are right to be told of: they show every key of the language, not a good design. Anything else that a rule
/// says of them is a false alarm.
const RIGHT: &str = include_str!("right.txt");

#[test]
fn of_the_cases_nothing_is_told_but_what_is_right() {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("cases/kinds")).expect("the folder is readable") {
        let case = entry.expect("an entry is readable").path();
        let (_, told) = told(folder(&case));
        all.extend(told.into_iter().map(|(_, line)| format!("{}: {line}", case.file_name().unwrap_or_default().to_string_lossy())));
    }
    let (_, told) = told(tests::compile::introduction());
    all.extend(told.into_iter().map(|(_, line)| format!("introduction: {line}")));
    all.sort();
    assert_eq!(all, RIGHT.lines().collect::<Vec<_>>(), "{}", all.join("\n"));
}

/// How many findings there are on a generated spec, of rules and of the compiler, for 1,000 objects. `TRUST_SCHEMA_SILENCE=2000` makes it that many
/// tables.
#[test]
fn generated_specs_have_no_findings() {
    let tables = std::env::var("TRUST_SCHEMA_SILENCE").ok().and_then(|number| number.parse().ok()).unwrap_or(200);
    let (objects, told) = told(large_spec::files(tables));
    let (errors, warnings) = told.iter().fold((0, 0), |(errors, warnings), (severity, _)| match severity {
        Severity::Error => (errors + 1, warnings),
        Severity::Warning => (errors, warnings + 1),
    });
    let for_a_thousand = |count: usize| count as f64 * 1000.0 / objects as f64;
    println!("{objects} objects; for each 1,000 of them {:.2} errors, {:.2} warnings", for_a_thousand(errors), for_a_thousand(warnings));
    let first: Vec<&str> = told.iter().take(8).map(|(_, line)| line.as_str()).collect();
    assert!(told.is_empty(), "{} findings on {objects} objects, of which:\n{}", told.len(), first.join("\n"));
}
