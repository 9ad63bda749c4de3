//! What the search for a server depends on, as data, so that a test can lay out a machine of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::account::Account;

/// The machine as discovery and clusters see it.
#[derive(Debug, Clone)]
pub struct Environment {
    /// `TRUST_SCHEMA_PG_BIN`: the directory of the server binaries to use.
    pub binaries: Option<PathBuf>,
    /// `PATH`.
    pub path: OsString,
    /// The top of the file system, under which the usual places are looked up.
    pub root: PathBuf,
    /// The directory of the program's cache; `None` where no home is known.
    pub cache: Option<PathBuf>,
    /// A file system in memory, used for clusters while it has room.
    pub memory: PathBuf,
    /// Directories for temporary files, in order of preference.
    pub temporary: Vec<PathBuf>,
    /// The platform as npm names it, such as `linux-x64`.
    pub platform: String,
    /// The account servers run under; `None` for the account of the program.
    pub account: Option<Account>,
}

impl Environment {
    /// Reads the environment of the process. Nothing else of this module reads a variable.
    pub fn read() -> Self {
        let account = Account::to_drop_to();
        let cache = match &account {
            // Root's home is closed to the account the server runs under.
            Some(_) => Some(PathBuf::from("/var/cache/trust-schema")),
            None => directory_variable("XDG_CACHE_HOME")
                .or_else(|| directory_variable("HOME").map(|home| home.join(".cache")))
                .map(|caches| caches.join("trust-schema")),
        };
        let mut temporary: Vec<PathBuf> = directory_variable("TMPDIR").into_iter().collect();
        temporary.push(PathBuf::from("/tmp"));
        Self {
            // Made absolute here: a server is started in another directory than ours.
            binaries: std::env::var_os("TRUST_SCHEMA_PG_BIN")
                .filter(|value| !value.is_empty())
                .map(|value| std::path::absolute(&value).unwrap_or_else(|_| PathBuf::from(value))),
            path: std::env::var_os("PATH").unwrap_or_default(),
            root: PathBuf::from("/"),
            cache,
            memory: PathBuf::from("/dev/shm"),
            temporary,
            platform: platform(),
            account,
        }
    }

    /// A program of this name in the first directory of `PATH` that has it. Relative directories are passed over: whatever
    /// lies in the current one must not be run.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path)
            .filter(|directory| directory.is_absolute())
            .map(|directory| directory.join(name))
            .find(|file| is_executable(file))
    }

    /// Where the packages of `pg install` are kept.
    pub(super) fn package_cache(&self) -> Option<PathBuf> {
        self.cache.as_ref().map(|cache| cache.join("pg"))
    }
}

/// The XDG rules say to ignore a relative path; a relative temporary directory would be as wrong, since servers run in `/`.
fn directory_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// The platform as npm names it (`process.platform` and `process.arch` of Node.js).
fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}-{processor}")
}

/// Is this a file that somebody may execute?
pub(super) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
