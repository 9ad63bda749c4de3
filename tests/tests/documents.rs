//! References that are generated from the code are fresh. `TRUST_UPDATE=1` writes them.

use std::path::Path;

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
