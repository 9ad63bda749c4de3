//! Trust-lite under attack, and proof that the attack finds what is broken on purpose.

mod sabotage;
mod tenancy;
mod withstood;

use std::path::{Path, PathBuf};

use trust_schema::compile::{Compilation, compile};

/// Trust-lite, compiled.
fn trust_lite() -> Compilation {
    compile(tests::compile::folder(&workspace().join("spec")))
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}
