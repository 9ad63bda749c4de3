//! Why a spec could not be read, or its outputs not be written. Mistakes in a spec are diagnostics, not errors.

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// What stood in the way. Where an error comes back, no output has been changed, unless it says so.
#[derive(Debug)]
pub enum Error {
    /// A file or folder could not be used.
    File { doing: &'static str, path: PathBuf, source: io::Error },
    /// A file of the spec is none that can be read safely: a symbolic link, a device, a name that no output could carry.
    OddSource { path: PathBuf, problem: &'static str },
    /// A file of the spec is no longer as it was read.
    SourceChanged { path: PathBuf },
    /// The spec's folder holds more than the compiler reads.
    TooMuch { folder: PathBuf, limit: String },
    /// The output folder lies in the spec's folder, so outputs would be read as sources.
    OutputInSpec { spec: PathBuf, output: PathBuf },
    /// An output would have to be written where the tool may not write.
    OddOutput { path: String, problem: &'static str },
    /// There is a file at an output's path that the tool did not write.
    NotOurs { path: PathBuf },
    /// A folder that shall be made holds something.
    InTheWay { folder: PathBuf },
    /// Another process has been writing the same outputs for long.
    Busy { output: PathBuf, seconds: u64 },
    /// The journal of an interrupted run cannot be followed.
    Journal { path: PathBuf, problem: String },
    /// Writing failed, and so did undoing it. The next run tries again.
    HalfWritten { failure: Box<Error>, undoing: Box<Error> },
}

impl Error {
    /// For `map_err`: a file and what was done with it.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_path_buf();
        move |source| Error::File { doing, path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { doing, path, source } => write!(formatter, "could not {doing} `{}`: {source}", shown(path)),
            Self::OddSource { path, problem } => write!(formatter, "`{}` cannot be part of a spec: {problem}", shown(path)),
            Self::SourceChanged { path } => write!(formatter, "`{}` has been changed meanwhile, so nothing was written\nrun it again", shown(path)),
            Self::TooMuch { folder, limit } => {
                write!(formatter, "`{}` holds more than {limit}, so it is hardly a spec\nname the spec's folder: `--spec DIR`", shown(folder))
            }
            Self::OutputInSpec { spec, output } => write!(
                formatter,
                "the outputs in `{}` would lie in the spec's folder `{}`, and be read as part of the spec\nchoose another output folder",
                shown(output),
                shown(spec)
            ),
            Self::OddOutput { path, problem } => write!(formatter, "the output `{}` cannot be written: {problem}", crate::spec::printable(path)),
            Self::NotOurs { path } => write!(
                formatter,
                "`{}` is in the way of an output, and trust-schema did not write it\nmove it elsewhere, or delete it, and generate again",
                shown(path)
            ),
            Self::InTheWay { folder } => {
                write!(formatter, "`{}` is there already and not empty, and nothing is overwritten\nname another folder: `--out DIR`", shown(folder))
            }
            Self::Busy { output, seconds } => {
                write!(formatter, "another process has been writing to `{}` for {seconds} seconds\nend it, and generate again", shown(output))
            }
            Self::Journal { path, problem } => write!(
                formatter,
                "the journal `{}` of an interrupted run cannot be followed: {problem}\ndelete the folder that holds it, and generate again",
                shown(path)
            ),
            Self::HalfWritten { failure, undoing } => {
                write!(
                    formatter,
                    "{failure}\nundoing what was written failed too: {undoing}\nremove the cause and generate again: the next run finishes the work"
                )
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::HalfWritten { failure, .. } => Some(failure),
            _ => None,
        }
    }
}

/// A path for a message: what would garble a terminal is escaped.
pub fn shown(path: &Path) -> String {
    crate::spec::printable(&path.to_string_lossy())
}
