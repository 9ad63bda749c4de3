//! A new folder of files: all of them, or none.

use std::fs;
use std::path::{Path, PathBuf};

use super::Error;
use crate::source::SourceFile;

/// Refuses a folder that holds something.
///
/// # Errors
/// [`Error::InTheWay`]; [`Error::File`] where it cannot be looked into.
pub fn check_new(folder: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::file("look at", folder)(error)),
        Ok(found) if !found.is_dir() => Err(Error::InTheWay { folder: folder.to_path_buf() }),
        Ok(_) => {
            let mut entries = fs::read_dir(folder).map_err(Error::file("read the folder", folder))?;
            if entries.next().is_some() { Err(Error::InTheWay { folder: folder.to_path_buf() }) } else { Ok(()) }
        }
    }
}

/// Writes files into a folder that is empty or not there: beside it first, then put in place at once.
///
/// # Errors
/// Those of [`check_new`], and [`Error::File`]. Then the folder is as it was.
pub fn write_new(folder: &Path, files: &[SourceFile]) -> Result<(), Error> {
    check_new(folder)?;
    let absolute = std::path::absolute(folder).map_err(Error::file("find the folder", folder))?;
    let parent: PathBuf = absolute.parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
    fs::create_dir_all(&parent).map_err(Error::file("create the folder", &parent))?;
    let staging = tempfile::Builder::new().prefix(".trust-schema-import-").tempdir_in(&parent).map_err(Error::file("create a folder in", &parent))?;
    let whole = staging.path().join("spec");
    fs::create_dir(&whole).map_err(Error::file("create the folder", &whole))?;
    for file in files {
        let path = whole.join(&file.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::file("create the folder", folder))?;
        }
        fs::write(&path, &file.text).map_err(Error::file("write", &path))?;
    }
    // An empty folder is replaced; one that has got content since is not.
    #[cfg(windows)]
    let _ = fs::remove_dir(&absolute);
    fs::rename(&whole, &absolute).map_err(Error::file("put in place", folder))
}
