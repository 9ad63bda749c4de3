//! Changing files of a spec: all of them or none, as outputs are written.

use std::path::Path;

use super::journal::Journal;
use super::place;
use super::{Error, persist};
use crate::fix::Changed;

/// Puts the new texts in place of those that were read. A run that was interrupted is finished by the next one, which then asks to be repeated.
///
/// # Errors
/// [`Error::SourceChanged`] where a file is no longer as it was read; those of [`super::persist`]. Unless it is [`Error::HalfWritten`], nothing has been
/// changed.
pub fn rewrite(spec: &Path, changed: &[Changed]) -> Result<(), Error> {
    let nobody = &mut |_: super::Step<'_>| {};
    let _lock = persist::lock(spec)?;
    persist::recover(spec, nobody)?;
    for file in changed {
        if let Some(problem) = place::problem(&file.path) {
            return Err(Error::OddSource { path: spec.join(&file.path), problem });
        }
        if place::found(&place::place(spec, &file.path)?, &file.path)?.as_deref() != Some(file.before.as_bytes()) {
            return Err(Error::SourceChanged { path: spec.join(&file.path) });
        }
    }
    let mut journal = Journal::begin(spec)?;
    let prepared = changed.iter().try_for_each(|file| journal.write(&file.path, &file.now, None)).and_then(|()| journal.commit());
    if let Err(failure) = prepared {
        // Nothing was touched. What cannot be removed now is removed by the next run.
        let _ = journal.discard();
        return Err(failure);
    }
    persist::finish(journal, nobody)
}
