//! The files under test.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use trust_schema::build;
use trust_schema::emit::Files;

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Everything that `spec/` compiles to.
pub fn outputs() -> &'static Files {
    static FILES: LazyLock<Files> = LazyLock::new(|| {
        let compilation = build::compile(&repository().join("spec")).expect("the spec can be read");
        assert!(compilation.diagnostics.is_empty(), "{:#?}", compilation.diagnostics);
        compilation.outputs.expect("a spec without diagnostics has outputs")
    });
    &FILES
}

/// A file of `monitoring/`.
pub fn monitoring(name: &str) -> &'static str {
    outputs().0.get(&format!("monitoring/{name}")).unwrap_or_else(|| panic!("no file {name}"))
}
