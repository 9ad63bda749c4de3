//! A Rust crate: enums, composite types and domains, rows, functions and errors, for the derives of `trust-macros`.
//!
//! Items are written as text in the layout of prettyplease (see `writer`), each separately, so that time grows with their number only.

mod context;
mod enums;
mod errors;
mod functions;
mod names;
mod relations;
mod types;
mod writer;

use super::Files;
use super::model::Model;
use crate::diagnostic::Diagnostic;
use context::Context;

/// The modules that are the same for every project: path and text.
const SUPPORT: [(&str, &str); 9] = [
    ("src/support.rs", include_str!("support/support.rs")),
    ("src/support/call.rs", include_str!("support/call.rs")),
    ("src/support/column.rs", include_str!("support/column.rs")),
    ("src/support/composite.rs", include_str!("support/composite.rs")),
    ("src/support/failure.rs", include_str!("support/failure.rs")),
    ("src/support/interval.rs", include_str!("support/interval.rs")),
    ("src/support/mapping.rs", include_str!("support/mapping.rs")),
    ("src/support/network.rs", include_str!("support/network.rs")),
    ("src/support/user_type.rs", include_str!("support/user_type.rs")),
];

/// The sources of the crate, `src/…`. Reports names that would collide in Rust; the files are then not to be used.
pub fn emit(model: &Model, files: &mut Files) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let context = Context::new(model, &mut diagnostics);
    files.insert("src/lib.rs", library(&model.project));
    files.insert("src/enums.rs", enums::module(&context, &mut diagnostics));
    files.insert("src/types.rs", types::module(&context, &mut diagnostics));
    files.insert("src/tables.rs", relations::tables(&context, &mut diagnostics));
    files.insert("src/views.rs", relations::views(&context, &mut diagnostics));
    files.insert("src/functions.rs", functions::module(&context, &mut diagnostics));
    files.insert("src/errors.rs", errors::module(model, &mut diagnostics));
    for (path, text) in SUPPORT {
        files.insert(path, text.to_owned());
    }
    diagnostics
}

/// Nothing is left to rustfmt, whose settings are the user's: an output must not depend on who formats it.
fn library(project: &str) -> String {
    let mut text = writer::header(&format!("{} as Rust: enums, composite types and domains, rows, functions and errors.", writer::line(project)));
    text.push('\n');
    for module in ["enums", "errors", "functions", "support", "tables", "types", "views"] {
        text.push_str(&format!("#[rustfmt::skip]\npub mod {module};\n"));
    }
    text.push_str("\npub use errors::Error;\n#[rustfmt::skip]\n");
    text.push_str("pub use trust_macros::{Errors, MatchesTable, PostgresComposite, PostgresDomain, PostgresEnum, Row, Rpc};\n");
    text
}
