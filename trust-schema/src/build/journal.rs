//! The journal of a run: what it will do, written down before it does it, so that an interruption can be made good.
//!
//! All of it lies in one folder inside the output folder (the same file system, so that a rename is one step):
//! `new-<n>` the files to come, `old-<n>` the files as they were, `journal.json` the list. The journal appears by a rename after everything else
//! has reached the disk: before that moment nothing of the outputs has been touched, after it everything needed to finish is there.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::place::{self, MANIFEST, STAGING};
use super::{Error, Step};
use crate::hash::sha256;

const JOURNAL: &str = "journal.json";
/// Files that are brought to the disk at once.
const SYNCING: usize = 8;

/// One change of the output folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Operation {
    /// Puts `new-<n>` there.
    Write { path: String },
    /// Removes the file, if it still is the one with this hash.
    Remove { path: String, sha256: String },
}

impl Operation {
    fn path(&self) -> &str {
        match self {
            Operation::Write { path } | Operation::Remove { path, .. } => path,
        }
    }
}

/// The folder of a run in preparation, or of one that was interrupted.
pub struct Journal {
    output: PathBuf,
    staging: PathBuf,
    operations: Vec<Operation>,
}

impl Journal {
    /// Begins a run.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn begin(output: &Path) -> Result<Journal, Error> {
        let staging = output.join(STAGING);
        fs::create_dir(&staging).map_err(Error::file("create the folder", &staging))?;
        Ok(Journal { output: output.to_path_buf(), staging, operations: Vec::new() })
    }

    /// The run that was interrupted after its journal was complete. What an earlier interruption left is removed.
    ///
    /// # Errors
    /// [`Error::Journal`], [`Error::File`], [`Error::OddOutput`].
    pub fn interrupted(output: &Path) -> Result<Option<Journal>, Error> {
        let staging = output.join(STAGING);
        match fs::symlink_metadata(&staging) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::file("look at", &staging)(source)),
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(Error::OddOutput { path: STAGING.to_owned(), problem: "it is no folder; remove it" }),
        }
        let path = staging.join(JOURNAL);
        let broken = |problem: String| Error::Journal { path: path.clone(), problem };
        let mut journal = Journal { output: output.to_path_buf(), staging, operations: Vec::new() };
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                journal.discard()?;
                return Ok(None);
            }
            Err(source) => return Err(Error::file("read", &path)(source)),
        };
        journal.operations = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
        for operation in &journal.operations {
            let allowed = operation.path() == MANIFEST || place::problem(operation.path()).is_none();
            if !allowed {
                return Err(broken("it names a path outside the output folder".to_owned()));
            }
        }
        Ok(Some(journal))
    }

    /// Prepares a file: its new text, and a second name for what is there now.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::OddOutput`].
    pub fn write(&mut self, path: &str, text: &str, modified: Option<SystemTime>) -> Result<(), Error> {
        let new = self.new_file(self.operations.len());
        self.keep(path)?;
        let written = File::create_new(&new).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            modified.map_or(Ok(()), |time| file.set_modified(time))
        });
        written.map_err(Error::file("write", &new))?;
        self.operations.push(Operation::Write { path: path.to_owned() });
        Ok(())
    }

    /// Prepares the removal of a file that holds these bytes.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::OddOutput`].
    pub fn remove(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.keep(path)?;
        self.operations.push(Operation::Remove { path: path.to_owned(), sha256: sha256(bytes) });
        Ok(())
    }

    /// Gives what lies at a path a second name. A file system without hard links gets a copy.
    fn keep(&self, path: &str) -> Result<(), Error> {
        let (place, old) = (place::place(&self.output, path)?, self.old_file(self.operations.len()));
        match fs::hard_link(&place, &old) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(_) => fs::copy(&place, &old).map(|_| ()).map_err(Error::file("copy", &place)),
        }
    }

    /// Completes the preparation: from here on the run is finished, by this process or by the next one.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn commit(&self) -> Result<(), Error> {
        self.sync_new_files()?;
        let (draft, path) = (self.staging.join("journal.draft"), self.staging.join(JOURNAL));
        // A list of strings always serialises.
        let text = serde_json::to_string_pretty(&self.operations).unwrap_or_default();
        let written = File::create_new(&draft).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        written.map_err(Error::file("write", &draft))?;
        fs::rename(&draft, &path).map_err(Error::file("rename", &draft))?;
        sync_folder(&self.staging)?;
        sync_folder(&self.output)
    }

    /// Makes all changes. Those that were made before an interruption are recognised, so it can be repeated.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::OddOutput`].
    pub fn apply(&self, observe: &mut dyn FnMut(Step<'_>)) -> Result<(), Error> {
        for (number, operation) in self.operations.iter().enumerate() {
            let path = operation.path();
            observe(Step::Placing(path));
            let place = place::place(&self.output, path)?;
            match operation {
                Operation::Write { .. } => {
                    let new = self.new_file(number);
                    if let Some(folder) = place.parent() {
                        fs::create_dir_all(folder).map_err(Error::file("create the folder", folder))?;
                    }
                    match fs::rename(&new, &place) {
                        // It was put there before the interruption.
                        Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(&new).is_err() => {}
                        result => result.map_err(Error::file("replace", &place))?,
                    }
                }
                Operation::Remove { sha256: removed, .. } => {
                    if place::found(&place, path)?.is_some_and(|found| sha256(&found) == *removed) {
                        fs::remove_file(&place).map_err(Error::file("remove", &place))?;
                    }
                }
            }
        }
        self.sync_folders()
    }

    /// Puts everything back as it was before the run.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::OddOutput`].
    pub fn undo(&self) -> Result<(), Error> {
        for (number, operation) in self.operations.iter().enumerate().rev() {
            let place = place::place(&self.output, operation.path())?;
            let (new, old) = (self.new_file(number), self.old_file(number));
            let was_there = fs::symlink_metadata(&old).is_ok();
            let placed = matches!(operation, Operation::Write { .. }) && fs::symlink_metadata(&new).is_err();
            let removed = matches!(operation, Operation::Remove { .. }) && fs::symlink_metadata(&place).is_err();
            if was_there && (placed || removed) {
                fs::rename(&old, &place).map_err(Error::file("restore", &place))?;
            } else if placed {
                fs::remove_file(&place).map_err(Error::file("remove", &place))?;
            }
        }
        self.remove_empty_folders();
        self.sync_folders()
    }

    /// Ends a run that is complete, undone, or was never begun.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn discard(self) -> Result<(), Error> {
        self.remove_empty_folders();
        let path = self.staging.join(JOURNAL);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::file("remove", &path)(error)),
            _ => {}
        }
        fs::remove_dir_all(&self.staging).map_err(Error::file("remove", &self.staging))
    }

    /// Folders that hold nothing any more because of this run.
    fn remove_empty_folders(&self) {
        for operation in &self.operations {
            let mut path = operation.path();
            while let Some((folder, _)) = path.rsplit_once('/') {
                // A folder that holds something stays: that is what the error says.
                if fs::remove_dir(self.output.join(folder)).is_err() {
                    break;
                }
                path = folder;
            }
        }
    }

    fn sync_folders(&self) -> Result<(), Error> {
        let mut folders: Vec<&str> =
            self.operations.iter().map(|operation| operation.path().rsplit_once('/').map_or("", |(folder, _)| folder)).collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            let folder = self.output.join(folder);
            if folder.is_dir() {
                sync_folder(&folder)?;
            }
        }
        Ok(())
    }

    /// Brings the new files to the disk. At once, since a disk takes many with hardly more effort than one.
    fn sync_new_files(&self) -> Result<(), Error> {
        let files: Vec<PathBuf> = (0..self.operations.len()).map(|number| self.new_file(number)).filter(|path| path.exists()).collect();
        let sync = |paths: &[PathBuf]| {
            paths
                .iter()
                .try_for_each(|path| File::options().write(true).open(path).and_then(|file| file.sync_all()).map_err(Error::file("sync", path)))
        };
        let share = files.len().div_ceil(SYNCING).max(1);
        std::thread::scope(|scope| {
            let threads: Vec<_> = files.chunks(share).map(|paths| scope.spawn(move || sync(paths))).collect();
            // A thread that panicked is a bug that the caller's own panic tells.
            threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    fn new_file(&self, number: usize) -> PathBuf {
        self.staging.join(format!("new-{number}"))
    }

    fn old_file(&self, number: usize) -> PathBuf {
        self.staging.join(format!("old-{number}"))
    }
}

/// Makes the names in a folder durable. Only Unix has such a call; elsewhere the file system orders renames itself.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::file("sync the folder", folder))?;
    }
    Ok(())
}
