//! Specs, their migrations, and databases to run them in.

use std::path::Path;

use trust_schema::emit::{Files, operations, sql, verification};
use trust_schema::resolve::{Resolution, resolve};
use trust_schema::source::SourceFile;

/// The files of a folder, by their path in it.
pub fn folder(root: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.push(SourceFile { path: name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    files
}

/// The spec of this repository.
pub fn trust_lite() -> (Resolution, Files) {
    compile(folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")))
}

/// A spec with one object of every kind, and every attribute of it.
pub fn everything() -> (Resolution, Files) {
    compile(vec![
        SourceFile { path: "trust.toml".to_owned(), text: include_str!("everything/trust.toml").to_owned() },
        SourceFile { path: "everything.toml".to_owned(), text: include_str!("everything/everything.toml").to_owned() },
    ])
}

/// Compiles a spec that has no mistakes.
pub fn compile(files: Vec<SourceFile>) -> (Resolution, Files) {
    let resolved = resolve(files);
    let messages: Vec<String> = resolved.diagnostics.iter().map(|diagnostic| format!("{}: {:?}", diagnostic.message, diagnostic.help)).collect();
    let resolution = resolved.resolution.unwrap_or_else(|| panic!("the spec has mistakes: {messages:#?}"));
    let mut files = Files::default();
    let surroundings = sql::Surroundings::new(&resolution, &resolved.sources);
    sql::migration::emit(&surroundings, &mut files);
    sql::rollback::emit(&surroundings, &mut files);
    verification::emit_whole(&surroundings, &mut files);
    operations::emit(&surroundings, &mut files);
    (resolution, files)
}

/// The migrations, in the order of their names.
#[allow(dead_code, reason = "not every test binary that shares this file needs it")]
pub fn migrations(files: &Files) -> impl Iterator<Item = &str> {
    files.iter().filter(|(path, _)| path.starts_with("migrations/")).map(|(_, text)| text)
}
