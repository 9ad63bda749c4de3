//! Node and the pinned packages, installed once into the target folder.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use crate::spec::repository;

/// Runs a command.
///
/// # Panics
/// Where there is no such program, with what to type.
pub fn run(command: &mut Command) -> Output {
    let program = command.get_program().to_string_lossy().into_owned();
    command.output().unwrap_or_else(|error| panic!("cannot run `{program}`: {error}. `scripts/setup` installs node and npm"))
}

/// The folder that holds `node_modules` with exactly the packages of the lock file.
///
/// # Panics
/// Where they cannot be installed, with what npm said.
pub fn packages() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(install);
    &FOLDER
}

fn install() -> PathBuf {
    let source = repository().join("tests/typescript");
    let mut hasher = DefaultHasher::new();
    for name in ["package.json", "package-lock.json"] {
        fs::read(source.join(name)).unwrap().hash(&mut hasher);
    }
    let parent = target().join("typescript");
    let folder = parent.join(format!("{:016x}", hasher.finish()));
    if folder.join("node_modules").is_dir() {
        return folder;
    }
    // Elsewhere first: another test binary may be installing, and half a folder must not be taken for a whole one.
    fs::create_dir_all(&parent).unwrap();
    let staging = tempfile::Builder::new().prefix("installing-").tempdir_in(&parent).unwrap();
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), staging.path().join(name)).unwrap();
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]).current_dir(staging.path());
    let output = run(&mut command);
    assert!(output.status.success(), "npm ci failed:\n{}", String::from_utf8_lossy(&output.stderr));
    if let Err(error) = fs::rename(staging.keep(), &folder) {
        assert!(folder.join("node_modules").is_dir(), "{}: {error}", folder.display());
    }
    folder
}

/// The target folder, which the test binary lies in.
fn target() -> PathBuf {
    let binary = std::env::current_exe().unwrap();
    binary.ancestors().find(|path| path.join("CACHEDIR.TAG").is_file()).map_or_else(|| repository().join("target"), Path::to_owned)
}

/// A folder beside the packages, so that its programs find them; gone with the value.
pub fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("run-").tempdir_in(packages()).unwrap()
}
