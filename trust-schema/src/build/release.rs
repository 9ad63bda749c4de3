//! The release of an output folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use super::Error;
use super::place;
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::parallel;
use crate::release::{self, LOCK, Locked, Release, Released, Unread};

/// Reads what was released into a folder, with the frozen files as they lie there; nothing where nothing was.
///
/// # Errors
/// [`Error::OddOutput`], [`Error::File`]. A lock that cannot be read is a diagnostic.
pub fn released(output: &Path) -> Result<Result<Option<Released>, Box<Diagnostic>>, Error> {
    let read = |unread: Unread| unread.read(&Catalog::default()).map_err(|problem| Box::new(release::unreadable(&problem)));
    Ok(unread(output)?.and_then(|unread| unread.map(read).transpose()))
}

/// As [`released`], without the objects.
///
/// # Errors
/// As [`released`].
pub fn unread(output: &Path) -> Result<Result<Option<Unread>, Box<Diagnostic>>, Error> {
    let Some(bytes) = place::found(&output.join(LOCK), LOCK)? else { return Ok(Ok(None)) };
    let locked = match String::from_utf8(bytes).map_err(|_| "it is no text".to_owned()).and_then(Locked::read) {
        Ok(locked) => locked,
        Err(problem) => return Ok(Err(Box::new(release::unreadable(&problem)))),
    };
    // The lock comes from a checked-out repository: its paths are held to the same rules as those of outputs.
    let paths = locked.migrations().iter().flat_map(|migration| migration.files.keys()).filter(|path| place::problem(path).is_none());
    let allowed: Vec<String> = paths.cloned().collect();
    let found = parallel::map(&allowed, |_, path| place::found(&place::place(output, path)?, path));
    let mut files = BTreeMap::new();
    for (path, bytes) in allowed.into_iter().zip(found) {
        if let Some(text) = bytes?.and_then(|bytes| String::from_utf8(bytes).ok()) {
            files.insert(path, text);
        }
    }
    Ok(Ok(Some(Unread { locked, files })))
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
