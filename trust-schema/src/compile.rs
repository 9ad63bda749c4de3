//! From the files of a spec to every output, in memory.

use crate::diagnostic::{self, Diagnostic, codes};
use crate::emit::{self, Files};
use crate::resolve::{self, Resolution, Resolved};
use crate::source::{SourceFile, Sources};

/// Everything that a compilation makes. A spec with errors has neither a resolution nor outputs.
pub struct Compilation {
    pub sources: Sources,
    pub resolution: Option<Resolution>,
    pub outputs: Option<Files>,
    /// In the order in which people read: by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a spec. Reads and writes nothing: the same files give the same bytes, everywhere.
pub fn compile(files: Vec<SourceFile>) -> Compilation {
    let Resolved { sources, resolution, mut diagnostics } = resolve::resolve(files);
    let outputs = resolution.as_ref().map(|resolution| emit(resolution, &sources, &mut diagnostics));
    diagnostic::sort(&mut diagnostics);
    // Two names may be fine in PostgreSQL and one in a language: then there are no outputs.
    let outputs = outputs.filter(|_| !diagnostic::has_errors(&diagnostics));
    Compilation { sources, resolution, outputs, diagnostics }
}

/// Runs every emitter; each inserts the files that it owns.
fn emit(resolution: &Resolution, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Files {
    let surroundings = emit::sql::Surroundings::new(resolution, sources);
    let mut files = Files::default();
    emit::sql::migration::emit(&surroundings, &mut files);
    emit::sql::rollback::emit(&surroundings, &mut files);
    emit::verification::emit(&surroundings, &mut files);
    emit::operations::emit(&surroundings, &mut files);
    emit::contract::emit(&surroundings, &mut files);
    emit::typescript::emit(resolution, &mut files);
    diagnostics.extend(emit::rust::emit(&emit::model::Model::new(resolution), &mut files));
    if let Err(error) = emit::documents::emit(&surroundings, &mut files) {
        diagnostics.push(Diagnostic::global(&codes::TEMPLATE, format!("a document could not be written: {error}")));
    }
    files
}
