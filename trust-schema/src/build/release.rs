//! The release of an output folder.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::Error;
use super::place;
use crate::diagnostic::{Diagnostic, codes};
use crate::parallel;
use crate::release::{self, LOCK, Release, Released};

/// Reads what was released into a folder, with the frozen files as they lie there; nothing where nothing was.
///
/// # Errors
/// [`Error::OddOutput`], [`Error::File`]. A lock that cannot be read is a diagnostic.
pub fn released(output: &Path) -> Result<Result<Option<Released>, Box<Diagnostic>>, Error> {
    let Some(bytes) = place::found(&output.join(LOCK), LOCK)? else { return Ok(Ok(None)) };
    let parsed = String::from_utf8(bytes).map_err(|_| "it is no text".to_owned()).and_then(|text| release::parse(&text));
    let release = match parsed {
        Ok(release) => release,
        Err(problem) => {
            let message = format!("`{LOCK}` cannot be read: {problem}");
            let diagnostic = Diagnostic::global(&codes::BAD_RELEASE_LOCK, message).help("bring it back from version control");
            return Ok(Err(Box::new(diagnostic)));
        }
    };
    let mut released = Released { release, ..Released::default() };
    let paths: Vec<String> = released.release.migrations.iter().flat_map(|migration| migration.files.keys().cloned()).collect();
    // The lock comes from a checked-out repository: its paths are held to the same rules as those of outputs.
    let allowed: Vec<String> = paths.into_iter().filter(|path| place::problem(path).is_none()).collect();
    let found = parallel::map(&allowed, |_, path| place::found(&place::place(output, path)?, path));
    for (path, bytes) in allowed.into_iter().zip(found) {
        if let Some(text) = bytes?.and_then(|bytes| String::from_utf8(bytes).ok()) {
            released.files.insert(path, text);
        }
    }
    Ok(Ok(Some(released)))
}

/// Writes a release: the whole file, or nothing.
///
/// # Errors
/// [`Error::File`].
pub fn write_release(output: &Path, release: &Release) -> Result<(), Error> {
    let place = output.join(LOCK);
    let beside = output.join(format!("{LOCK}.new"));
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&beside)?;
        file.write_all(release::text(release).as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &place)
    };
    write().map_err(|source| {
        // What was begun is of no use to anybody.
        let _ = fs::remove_file(&beside);
        Error::file("write", &place)(source)
    })
}
