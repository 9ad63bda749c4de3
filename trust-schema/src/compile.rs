//! From the files of a spec to every output, in memory.

use crate::diagnostic::{self, Diagnostic, codes};
use crate::emit::sql::Surroundings;
use crate::emit::{self, Files};
use crate::lint;
use crate::parallel;
use crate::release::Released;
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
    compile_after(files, None)
}

/// As [`compile`], of a spec that leads on from a release.
pub fn compile_after(files: Vec<SourceFile>, released: Option<Released>) -> Compilation {
    compile_resolved(resolve::resolve_after(files, released))
}

/// Makes the outputs of a spec that is resolved.
pub fn compile_resolved(resolved: Resolved) -> Compilation {
    compiled(resolved, &EMITTERS)
}

/// Makes those outputs alone that a database is compared with: for who looks at one, and writes nothing. What only a language or a document cannot
/// hold is not told.
pub fn compile_migrations(resolved: Resolved) -> Compilation {
    compiled(resolved, &[MIGRATIONS, VERIFICATION_OF_EACH])
}

fn compiled(resolved: Resolved, emitters: &[Emitter]) -> Compilation {
    let Resolved { sources, resolution, mut diagnostics } = resolved;
    // What leaks is never compiled; everything else is told by `lint`.
    diagnostics.extend(resolution.as_ref().map(|resolution| lint::leaks(&lint::Subject::of(resolution).with_edits(&sources))).unwrap_or_default());
    let outputs = resolution.as_ref().map(|resolution| emit(resolution, &sources, emitters, &mut diagnostics));
    diagnostic::sort(&mut diagnostics);
    // Two names may be fine in PostgreSQL and one in a language: then there are no outputs.
    let outputs = outputs.filter(|_| !diagnostic::has_errors(&diagnostics));
    Compilation { sources, resolution, outputs, diagnostics }
}

/// What an emitter makes.
type Emitted = (Files, Vec<Diagnostic>);

type Emitter = fn(&Surroundings<'_>) -> Emitted;

const MIGRATIONS: Emitter = |surroundings| plain(|files| emit::sql::migration::emit(surroundings, files));
const VERIFICATION_OF_EACH: Emitter = |surroundings| plain(|files| emit::verification::emit_of_each(surroundings, files));

/// Neighbours run on one thread where there are few.
const EMITTERS: [Emitter; 12] = [
    MIGRATIONS,
    |surroundings| plain(|files| emit::sql::rollback::emit(surroundings, files)),
    VERIFICATION_OF_EACH,
    |surroundings| plain(|files| emit::verification::emit_whole(surroundings, files)),
    |surroundings| plain(|files| emit::operations::emit(surroundings, files)),
    |surroundings| plain(|files| emit::monitoring::emit(surroundings, files)),
    |surroundings| plain(|files| emit::benchmark::emit(surroundings, files)),
    |surroundings| plain(|files| emit::typescript::emit(surroundings.resolution, files)),
    |surroundings| plain(|files| emit::contract::emit(surroundings, files)),
    |surroundings| plain(|files| emit::access::emit(surroundings, files)),
    rust,
    documents,
];

/// Runs emitters; each makes the files that it owns.
fn emit(resolution: &Resolution, sources: &Sources, emitters: &[Emitter], diagnostics: &mut Vec<Diagnostic>) -> Files {
    let surroundings = Surroundings::new(resolution, sources);
    let mut files = Files::default();
    for (made, told) in parallel::map(emitters, |_, emitter| emitter(&surroundings)) {
        files.0.extend(made.0);
        diagnostics.extend(told);
    }
    files
}

fn plain(emitter: impl FnOnce(&mut Files)) -> Emitted {
    let mut files = Files::default();
    emitter(&mut files);
    (files, Vec::new())
}

fn rust(surroundings: &Surroundings<'_>) -> Emitted {
    let mut files = Files::default();
    let told = emit::rust::emit(&emit::model::Model::new(surroundings.resolution), &mut files);
    (files, told)
}

fn documents(surroundings: &Surroundings<'_>) -> Emitted {
    let mut files = Files::default();
    let failed = emit::documents::emit(surroundings, &mut files).err();
    let told = failed.map(|error| Diagnostic::global(&codes::TEMPLATE, format!("a document could not be written: {error}")));
    (files, told.into_iter().collect())
}
