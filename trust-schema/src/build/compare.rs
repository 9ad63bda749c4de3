//! What in the output folder is not as the spec has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use super::Error;
use super::manifest::Manifest;
use super::persist::wait;
use super::place::{self, MANIFEST, STAGING};
use crate::emit::Files;

/// How a file differs from what the spec compiles to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It is not there.
    Missing,
    /// It says something else; its bytes as found.
    Changed(Vec<u8>),
    /// The tool wrote it, and the spec no longer asks for it. The bytes as found, which are those that were written.
    Leftover(Vec<u8>),
}

/// Outputs and what was found of them.
#[derive(Debug, Default)]
pub struct Comparison {
    /// By path; empty where everything is fresh.
    pub differences: BTreeMap<String, Difference>,
    /// Number of files that are as they should be.
    pub fresh: usize,
    /// Files that the tool wrote once, that the spec no longer asks for, and that somebody has changed since. They are left alone.
    pub kept: BTreeSet<String>,
    /// Files among the migrations that the spec does not compile to: whoever deploys the folder would run them.
    pub strangers: BTreeSet<String>,
    /// An earlier run was interrupted while it put its files in place; the next `generate` finishes it.
    pub interrupted: bool,
}

impl Comparison {
    /// Whether there is nothing to do.
    pub fn is_fresh(&self) -> bool {
        self.differences.is_empty() && self.strangers.is_empty() && !self.interrupted
    }
}

/// All outputs and the list of them, as they are written.
pub struct Wanted<'f> {
    files: &'f Files,
    pub manifest: String,
}

impl<'f> Wanted<'f> {
    /// # Errors
    /// [`Error::OddOutput`].
    pub fn new(files: &'f Files) -> Result<Wanted<'f>, Error> {
        place::check(files.iter().map(|(path, _)| path))?;
        Ok(Wanted { files, manifest: Manifest::of(files).text() })
    }

    pub fn get(&self, path: &str) -> Option<&str> {
        if path == MANIFEST { Some(&self.manifest) } else { self.files.0.get(path).map(String::as_str) }
    }
}

/// Compares outputs with a folder. Changes nothing.
///
/// # Errors
/// [`Error::OddOutput`], [`Error::NotOurs`], [`Error::Busy`], [`Error::File`].
pub fn check(output: &Path, files: &Files) -> Result<Comparison, Error> {
    // Waits for a run that is writing right now, so that it is not taken for an interrupted one. Where the file system has no locks, or the
    // folder does not exist, there is nothing to wait for.
    let folder = File::open(output).ok();
    if let Some(Err(busy)) = folder.as_ref().and_then(|folder| wait(output, || folder.try_lock_shared())) {
        return Err(busy);
    }
    compare(output, &Wanted::new(files)?)
}

/// What lies among the migrations and is neither an output nor about to be removed.
fn strangers(output: &Path, wanted: &Wanted<'_>, differences: &BTreeMap<String, Difference>) -> BTreeSet<String> {
    // A folder that cannot be read has been told of: none of its outputs was found.
    let entries = std::fs::read_dir(output.join("migrations")).into_iter().flatten().flatten();
    let paths = entries.map(|entry| format!("migrations/{}", entry.file_name().to_string_lossy())).filter(|path| path.ends_with(".sql"));
    paths.filter(|path| wanted.get(path).is_none() && !differences.contains_key(path)).collect()
}

/// [`check`] without waiting, for one who holds the lock.
pub(super) fn compare(output: &Path, wanted: &Wanted<'_>) -> Result<Comparison, Error> {
    let mut comparison = Comparison { interrupted: std::fs::symlink_metadata(output.join(STAGING)).is_ok(), ..Comparison::default() };
    let (manifest_found, manifest) = Manifest::read(output)?;
    for (path, text) in wanted.files.iter() {
        let place = place::place(output, path)?;
        match place::found(&place, path)? {
            Some(found) if found == text.as_bytes() => comparison.fresh += 1,
            Some(found) if manifest.owns(path, &found) => {
                comparison.differences.insert(path.to_owned(), Difference::Changed(found));
            }
            Some(_) => return Err(Error::NotOurs { path: place }),
            None => {
                comparison.differences.insert(path.to_owned(), Difference::Missing);
            }
        }
    }
    for path in manifest.files.keys().filter(|path| !wanted.files.0.contains_key(*path)) {
        // A manifest that names a path behind a symbolic link, or of a folder, names nothing that was written.
        let Ok(place) = place::place(output, path) else { continue };
        let Ok(Some(found)) = place::found(&place, path) else { continue };
        if manifest.wrote(path, &found) {
            comparison.differences.insert(path.clone(), Difference::Leftover(found));
        } else {
            comparison.kept.insert(path.clone());
        }
    }
    comparison.strangers = strangers(output, wanted, &comparison.differences);
    match manifest_found {
        Some(found) if found == wanted.manifest.as_bytes() => {}
        Some(found) => {
            comparison.differences.insert(MANIFEST.to_owned(), Difference::Changed(found));
        }
        None => {
            comparison.differences.insert(MANIFEST.to_owned(), Difference::Missing);
        }
    }
    Ok(comparison)
}
