//! Tries every mutant of Trust-lite and writes `docs/mutation.md`.

use std::path::Path;

use tests::compile::folder;
use tests::mutation::{report, run};

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::write(root.join("docs/mutation.md"), report(&run(&folder(&root.join("spec")), 1)))
}
