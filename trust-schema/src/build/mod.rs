//! Specs and outputs as files: for build scripts, and for the command line.
//!
//! A build script that keeps a folder beside itself fresh:
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     trust_schema::build::run("../spec", ".")
//! }
//! ```

mod compare;
pub mod difference;
mod error;
mod fresh;
mod journal;
mod manifest;
mod persist;
mod place;
mod read;
mod release;
mod rewrite;
mod script;

pub use compare::{Comparison, Difference, check};
pub use error::{Error, shown};
pub use fresh::{check_new, write_new};
pub use persist::{Options, Report, persist};
pub use place::{MANIFEST, STAGING};
pub use read::{Loaded, compile, compile_into, load, resolve, resolve_into, scripts};
pub use release::{released, write_release};
pub use rewrite::rewrite;
pub use script::{is_frozen, run};

use std::path::Path;

/// A step of writing, as [`Options::observe`] is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'p> {
    /// There is something to write.
    Begin,
    /// The output at this path is about to be prepared.
    Preparing(&'p str),
    /// Everything is prepared, and is about to be made final.
    Commit,
    /// The output at this path is about to be put in place, or removed.
    Placing(&'p str),
    /// Everything is in place.
    End,
}

/// Refuses an output folder inside the spec's folder. The output folder need not exist.
///
/// # Errors
/// [`Error::OutputInSpec`], [`Error::File`] where the spec's folder does not exist.
pub fn check_folders(spec: &Path, output: &Path) -> Result<(), Error> {
    let real_spec = spec.canonicalize().map_err(Error::file("find the folder", spec))?;
    // Folders that do not exist yet lie where their nearest existing ancestor does.
    let absolute = std::path::absolute(output).map_err(Error::file("find the folder", output))?;
    let existing = absolute.ancestors().find_map(|folder| folder.canonicalize().ok());
    if existing.is_some_and(|folder| folder.starts_with(&real_spec)) {
        return Err(Error::OutputInSpec { spec: spec.to_path_buf(), output: output.to_path_buf() });
    }
    Ok(())
}
