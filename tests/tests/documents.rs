//! References that are generated from the code are fresh. `TRUST_UPDATE=1` writes them.

use std::path::Path;

use trust_schema::diagnostic::render::full;
use trust_schema::reference;

fn fresh(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var_os("TRUST_UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is stale: run `TRUST_UPDATE=1 cargo test -p tests --test documents`", path.display());
}

#[test]
fn the_reference_of_the_spec_language_is_fresh() {
    fresh("docs/spec-reference.md", &reference::spec_reference());
}

#[test]
fn the_reference_of_diagnostics_is_fresh() {
    fresh("docs/diagnostics.md", &reference::diagnostics_reference());
}

#[test]
fn the_json_schema_is_fresh() {
    let text = serde_json::to_string_pretty(&reference::json_schema()).unwrap();
    fresh("docs/spec.schema.json", &(text + "\n"));
}

#[test]
fn the_introduction_compiles() {
    let resolved = trust_schema::resolve::resolve(tests::compile::introduction());
    let told: Vec<String> =
        resolved.diagnostics.iter().map(|diagnostic| full::render(diagnostic, &resolved.sources, "spec", full::Style::Plain)).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
}

#[test]
fn the_read_me_shows_the_truth() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap();
    let readme = read("README.md");
    let commands = ["scripts/prove", "scripts/test", "scripts/setup"];
    for command in commands {
        assert!(readme.contains(command) && Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(command).exists(), "{command}");
    }
    // The build script that it shows is the one that runs.
    let build_script = read("generated/build.rs");
    let shown = readme.split("```rust\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(build_script.contains(shown), "the build script in the README is not generated/build.rs");
    // So is the path that it names.
    for link in readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).filter(|link| !link.starts_with("http")) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(link).exists(), "{link}");
    }
}

#[test]
fn the_reference_of_rules_is_fresh() {
    fresh("docs/rules.md", &reference::rules_reference());
}
