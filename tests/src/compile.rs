//! Specs for tests: a folder or a list of files in, diagnostics and files out.

mod apply;

use std::collections::BTreeMap;
use std::path::Path;

use trust_schema::compile::Compilation;
use trust_schema::diagnostic::{Code, render};
use trust_schema::emit::{self, Files, sql::Surroundings};
use trust_schema::release::{Migration, Released};
use trust_schema::resolve::{Resolved, resolve};
use trust_schema::source::SourceFile;

pub use apply::{Applied, Failure, apply, inventory, round_trip};

/// A spec that has been through the compiler.
pub struct Compiled(pub Resolved);

/// Files given as pairs of path and text.
pub fn files(pairs: &[(&str, &str)]) -> Vec<SourceFile> {
    pairs.iter().map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() }).collect()
}

/// The `.toml` and `.sql` files of a folder and of those below it, with paths relative to it; sorted.
///
/// # Panics
/// Where the folder cannot be read.
pub fn folder(folder: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(current) = waiting.pop() {
        let entries = std::fs::read_dir(&current).unwrap_or_else(|error| panic!("{}: {error}", current.display()));
        for entry in entries {
            let path = entry.unwrap_or_else(|error| panic!("{}: {error}", current.display())).path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml" || extension == "sql") {
                let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let relative = path.strip_prefix(folder).unwrap_or(&path);
                files.push(SourceFile { path: relative.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The spec of the introduction to the language: its blocks, by the file that their first line names.
pub fn introduction() -> Vec<SourceFile> {
    let text = include_str!("../../docs/spec-language.md");
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for block in text.split("```").skip(1).step_by(2) {
        let mut lines = block.splitn(3, '\n').skip(1);
        if let (Some(name), Some(block)) = (lines.next(), lines.next()) {
            files.entry(name.trim_start_matches(['#', '-', ' '])).or_default().push_str(block);
        }
    }
    files.into_iter().map(|(path, text)| SourceFile { path: path.to_owned(), text }).collect()
}

/// The files of `base` with those of `over` put over them, by path.
pub fn overlay(base: Vec<SourceFile>, over: Vec<SourceFile>) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> = base.into_iter().filter(|file| over.iter().all(|other| other.path != file.path)).collect();
    files.extend(over);
    files
}

/// Compiles a spec.
pub fn compile(files: Vec<SourceFile>) -> Compiled {
    Compiled(resolve(files))
}

impl Compiled {
    /// The codes of all diagnostics, in their order.
    pub fn codes(&self) -> Vec<&'static Code> {
        self.0.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
    }

    /// All diagnostics as a reader of a terminal sees them, without colours.
    pub fn full(&self) -> String {
        let rendered =
            self.0.diagnostics.iter().map(|diagnostic| render::full::render(diagnostic, &self.0.sources, "spec", render::full::Style::Plain));
        rendered.map(|text| text.trim_end().to_owned()).collect::<Vec<_>>().join("\n\n")
    }

    /// All diagnostics, one line each.
    pub fn concise(&self) -> String {
        let rendered = self.0.diagnostics.iter().map(|diagnostic| render::concise::render(diagnostic, &self.0.sources, "spec"));
        rendered.map(|text| text.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// The files for monitoring; none where the spec has errors.
    pub fn monitoring(&self) -> Option<Files> {
        let resolution = self.0.resolution.as_ref()?;
        let mut files = Files::default();
        emit::monitoring::emit(&Surroundings::new(resolution, &self.0.sources), &mut files);
        Some(files)
    }

    /// The migrations and rollbacks; none where the spec has errors.
    pub fn sql(&self) -> Option<Files> {
        let resolution = self.0.resolution.as_ref()?;
        let surroundings = Surroundings::new(resolution, &self.0.sources);
        let mut files = Files::default();
        emit::sql::migration::emit(&surroundings, &mut files);
        emit::sql::rollback::emit(&surroundings, &mut files);
        Some(files)
    }

    /// As [`Compiled::sql`].
    ///
    /// # Panics
    /// With the diagnostics, where the spec has errors.
    pub fn expect_sql(&self) -> Files {
        self.sql().unwrap_or_else(|| panic!("the spec has errors:\n{}", self.full()))
    }
}

/// What `release` would freeze.
pub fn release(compilation: &Compilation) -> Released {
    let (resolution, outputs) = (compilation.resolution.as_ref().expect("no errors"), compilation.outputs.as_ref().expect("outputs"));
    let before = resolution.pending.as_ref().map(|pending| pending.released.clone()).unwrap_or_default();
    let modules = resolution.modules.iter().zip(&resolution.plan().migrations).skip(before.release.migrations.len());
    let new = modules.map(|(module, steps)| (Migration::freeze(&module.migration, &module.summary, &module.file, &outputs.0), steps.clone()));
    let release = before.extended(new.collect(), resolution.catalog.clone(), resolution.contract.promises(), resolution.said.clone());
    // As it is read from the disk.
    let release = trust_schema::release::parse(&trust_schema::release::text(&release)).expect("the lock is read");
    let paths = release.migrations.iter().flat_map(|migration| migration.files.keys().cloned());
    let files = paths.map(|path| (path.clone(), outputs.0[&path].clone())).collect();
    Released { release, files }
}
