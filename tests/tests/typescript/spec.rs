//! Specs, compiled.

use std::path::{Path, PathBuf};

use trust_schema::diagnostic::render::concise;
use trust_schema::emit::Files;
use trust_schema::resolve::{Resolution, Resolved, resolve};
use trust_schema::source::SourceFile;
use trust_schema::{emit, source};

/// The folder of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file below a folder, by its path relative to it.
pub fn files(folder: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder_now) = pending.pop() {
        for entry in std::fs::read_dir(&folder_now).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let relative = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.push(SourceFile { path: relative, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

/// A compiled spec.
pub struct Compiled {
    pub resolution: Resolution,
    pub sources: source::Sources,
}

impl Compiled {
    /// # Panics
    /// Where the spec has errors.
    pub fn new(files: Vec<SourceFile>) -> Compiled {
        let Resolved { sources, resolution, diagnostics } = resolve(files);
        let told = || diagnostics.iter().map(|diagnostic| concise::render(diagnostic, &sources, "")).collect::<Vec<_>>().join("\n");
        let Some(resolution) = resolution else { panic!("the spec has errors:\n{}", told()) };
        Compiled { resolution, sources }
    }

    /// Trust-lite, the repository's own spec.
    pub fn trust_lite() -> Compiled {
        Compiled::new(files(&repository().join("spec")))
    }

    /// The spec with every form of everything.
    pub fn synthetic() -> Compiled {
        Compiled::new(files(&repository().join("tests/typescript/synthetic")))
    }

    /// The migrations, in their order.
    pub fn migrations(&self) -> Vec<String> {
        let mut files = Files::default();
        let surroundings = emit::sql::Surroundings::new(&self.resolution, &self.sources);
        emit::sql::migration::emit(&surroundings, &mut files);
        self.resolution.modules.iter().map(|module| files.0[&format!("migrations/{}.sql", module.migration)].clone()).collect()
    }

    /// `typescript/database.types.ts` and `typescript/errors.ts`.
    pub fn typescript(&self) -> (String, String) {
        let mut files = Files::default();
        emit::typescript::emit(&self.resolution, &mut files);
        (files.0["typescript/database.types.ts"].clone(), files.0["typescript/errors.ts"].clone())
    }
}
