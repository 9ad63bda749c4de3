//! Nothing is found where nothing is wrong.

use std::path::Path;

use tests::compile::{compile, folder};
use tests::large_spec;
use trust_schema::lint::{Subject, lint};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn told(files: Vec<trust_schema::source::SourceFile>) -> (usize, Vec<String>) {
    let compiled = compile(files);
    let resolution = compiled.0.resolution.as_ref().unwrap_or_else(|| panic!("the spec has errors:\n{}", compiled.full()));
    let told = lint(&Subject::of(resolution)).into_iter().map(|diagnostic| format!("{}: {}", diagnostic.code.name, diagnostic.message));
    (resolution.catalog.len(), told.collect())
}

#[test]
fn trust_lite_has_no_findings() {
    let (_, told) = told(folder(&root().join("../spec")));
    assert!(told.is_empty(), "{}", told.join("\n"));
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
        all.extend(told.into_iter().map(|line| format!("{}: {line}", case.file_name().unwrap_or_default().to_string_lossy())));
    }
    let (_, told) = told(tests::compile::introduction());
    all.extend(told.into_iter().map(|line| format!("introduction: {line}")));
    all.sort();
    assert_eq!(all, RIGHT.lines().collect::<Vec<_>>(), "{}", all.join("\n"));
}

#[test]
fn generated_specs_have_no_findings() {
    let (objects, told) = told(large_spec::files(200));
    println!("{} findings on {objects} objects", told.len());
    assert!(
        told.is_empty(),
        "{} findings on {objects} objects, of which:\n{}",
        told.len(),
        told.iter().take(8).cloned().collect::<Vec<_>>().join("\n")
    );
}
