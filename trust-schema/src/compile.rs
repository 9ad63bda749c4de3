//! From the files of a spec to every output, in memory.

use crate::diagnostic::Diagnostic;
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
    let Resolved { sources, resolution, diagnostics } = resolve::resolve(files);
    let outputs = resolution.as_ref().map(|resolution| emit(resolution, &sources));
    Compilation { sources, resolution, outputs, diagnostics }
}

/// Runs every emitter. One line each; each inserts the files that it owns.
fn emit(resolution: &Resolution, sources: &Sources) -> Files {
    let surroundings = emit::sql::Surroundings::new(resolution, sources);
    let mut files = Files::default();
    emit::sql::migration::emit(&surroundings, &mut files);
    emit::sql::rollback::emit(&surroundings, &mut files);
    files
}
