//! Specs of this repository, compiled.

use std::path::{Path, PathBuf};

use trust_schema::emit::Files;
use trust_schema::emit::model::Model;
use trust_schema::resolve::{Resolved, resolve};
use trust_schema::source::SourceFile;

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a member of the workspace").to_owned()
}

/// Compiles the spec of a folder.
pub fn compile(folder: &Path) -> Resolved {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(&directory).expect("the folder of a spec") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a file of a spec");
            let path = path.strip_prefix(folder).expect("it is in the folder").to_string_lossy().into_owned();
            files.push(SourceFile { path, text });
        }
    }
    let resolved = resolve(files);
    assert!(resolved.resolution.is_some(), "{:#?}", resolved.diagnostics);
    resolved
}

/// The Rust output of the spec of a folder.
pub fn rust(folder: &Path) -> Files {
    let resolved = compile(folder);
    let model = Model::new(resolved.resolution.as_ref().expect("it has compiled"));
    let mut files = Files::default();
    let diagnostics = trust_schema::emit::rust::emit(&model, &mut files);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    files
}
