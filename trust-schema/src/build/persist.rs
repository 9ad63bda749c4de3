//! Writing outputs: all of them or none.
//!
//! What is guaranteed. Every file is whole at every moment: it is replaced by a rename. The set is not replaced in one step, since file
//! systems have no such step for files that lie between files of others; instead the set is *recoverable*: all new files and a journal reach the disk
//! before the first is put in place. An error on the way undoes everything. A killed process or a power failure leaves either
//! the old set or a mixture with a complete journal; `check` reports that mixture, and the next `generate` or build finishes it before anything
//! else. Who reads the folder in the milliseconds of the renames can see old and new files side by side.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use super::compare::{self, Comparison, Difference, Wanted};
use super::journal::Journal;
use super::place::MANIFEST;
use super::{Error, Step};
use crate::emit::Files;

/// How long another process may write before we give up. A run takes well under a second.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);
/// The lock's file where a folder itself cannot be locked.
const LOCK: &str = ".trust-schema.lock";

/// What a run changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub created: BTreeSet<String>,
    pub changed: BTreeSet<String>,
    pub removed: BTreeSet<String>,
    /// See [`Comparison::kept`].
    pub kept: BTreeSet<String>,
    /// Number of outputs that were as they should be, and were not touched.
    pub fresh: usize,
    /// Whether an interrupted run was finished first.
    pub recovered: bool,
}

impl Report {
    /// Whether nothing was changed.
    pub fn is_fresh(&self) -> bool {
        self.created.is_empty() && self.changed.is_empty() && self.removed.is_empty() && !self.recovered
    }
}

/// How to write.
#[derive(Default)]
pub struct Options<'o> {
    /// Time of modification for the files that are written; now where it is none.
    pub modified: Option<SystemTime>,
    /// Is told each step before it is taken.
    pub observe: Option<&'o mut dyn FnMut(Step<'_>)>,
}

/// Makes the output folder hold these outputs. Files that are as they should be are not touched, not even their times; files that the tool
/// wrote and that are asked for no longer are removed; all others stay.
///
/// # Errors
/// All of [`Error`] but those about a spec. Unless it is [`Error::HalfWritten`], no output has been changed.
pub fn persist(output: &Path, files: &Files, options: Options<'_>) -> Result<Report, Error> {
    let Options { modified, observe } = options;
    let mut nobody = |_: Step<'_>| {};
    let observe = observe.unwrap_or(&mut nobody);
    let wanted = Wanted::new(files)?;
    fs::create_dir_all(output).map_err(Error::file("create the folder", output))?;
    let _lock = lock(output)?;
    let recovered = recover(output, observe)?;
    let comparison = compare::compare(output, &wanted)?;
    let mut report = Report { fresh: comparison.fresh, kept: comparison.kept.clone(), recovered, ..Report::default() };
    if !comparison.differences.is_empty() {
        write(output, &wanted, &comparison, modified, observe)?;
    }
    for (path, difference) in comparison.differences {
        match difference {
            _ if path == MANIFEST => false,
            Difference::Missing => report.created.insert(path),
            Difference::Changed(_) => report.changed.insert(path),
            Difference::Leftover(_) => report.removed.insert(path),
        };
    }
    Ok(report)
}

/// Finishes what an interrupted run began. Where that fails, what the run did is undone.
pub(super) fn recover(output: &Path, observe: &mut dyn FnMut(Step<'_>)) -> Result<bool, Error> {
    let Some(journal) = Journal::interrupted(output)? else { return Ok(false) };
    finish(journal, observe).map(|()| true)
}

fn write(
    output: &Path,
    wanted: &Wanted<'_>,
    comparison: &Comparison,
    modified: Option<SystemTime>,
    observe: &mut dyn FnMut(Step<'_>),
) -> Result<(), Error> {
    observe(Step::Begin);
    let mut journal = Journal::begin(output)?;
    let prepared = prepare(&mut journal, wanted, comparison, modified, observe);
    if let Err(failure) = prepared {
        // Nothing was touched. What cannot be removed now is removed by the next run.
        let _ = journal.discard();
        return Err(failure);
    }
    finish(journal, observe)
}

fn prepare(
    journal: &mut Journal,
    wanted: &Wanted<'_>,
    comparison: &Comparison,
    modified: Option<SystemTime>,
    observe: &mut dyn FnMut(Step<'_>),
) -> Result<(), Error> {
    // The manifest last: until it is replaced, the old one knows the old files.
    let differences = || comparison.differences.iter();
    let files = differences().filter(|(path, _)| *path != MANIFEST).chain(differences().filter(|(path, _)| *path == MANIFEST));
    for (path, difference) in files {
        observe(Step::Preparing(path));
        match (difference, wanted.get(path)) {
            (Difference::Leftover(bytes), _) => journal.remove(path, bytes)?,
            (_, Some(text)) => journal.write(path, text, modified)?,
            (_, None) => {}
        }
    }
    observe(Step::Commit);
    journal.commit()
}

pub(super) fn finish(journal: Journal, observe: &mut dyn FnMut(Step<'_>)) -> Result<(), Error> {
    if let Err(failure) = journal.apply(observe) {
        return match journal.undo() {
            Ok(()) => {
                let _ = journal.discard();
                Err(failure)
            }
            Err(undoing) => Err(Error::HalfWritten { failure: Box::new(failure), undoing: Box::new(undoing) }),
        };
    }
    observe(Step::End);
    journal.discard()
}

/// The lock on an output folder; it ends with the value, and with the process.
pub(super) fn lock(output: &Path) -> Result<File, Error> {
    if let Ok(folder) = File::open(output)
        && let Some(result) = wait(output, || folder.try_lock())
    {
        return result.map(|()| folder);
    }
    // Folders cannot be locked everywhere (Windows, some network file systems): there a file is.
    let path = output.join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::file("create", &path))?;
    match wait(output, || file.try_lock()) {
        Some(result) => result.map(|()| file),
        // A file system without locks: what is left is the journal.
        None => Ok(file),
    }
}

/// Waits for a lock; `None` where there are no locks.
pub(super) fn wait(output: &Path, attempt: impl Fn() -> Result<(), TryLockError>) -> Option<Result<(), Error>> {
    let start = Instant::now();
    loop {
        match attempt() {
            Ok(()) => return Some(Ok(())),
            Err(TryLockError::WouldBlock) if start.elapsed() > PATIENCE => {
                return Some(Err(Error::Busy { output: output.to_path_buf(), seconds: PATIENCE.as_secs() }));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(_)) => return None,
        }
    }
}
