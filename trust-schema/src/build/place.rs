//! Where outputs may lie: beneath the output folder, never through a symbolic link, and never on what belongs to the crate around them.
//!
//! The paths of a manifest or a journal come from a checked-out repository, so they are held to the same rules as those of the emitters.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Error;

/// The list of what the tool wrote.
pub const MANIFEST: &str = ".trust-schema.json";
/// Where a run prepares its files.
pub const STAGING: &str = ".trust-schema.staging";
/// Names at the top of the output folder that belong to its crate, its repository and its author.
const FOREIGN: [&str; 6] = ["cargo.toml", "cargo.lock", "build.rs", "tests", "target", ".git"];

/// Why a relative path can be no output; `None` where it can.
pub fn problem(path: &str) -> Option<&'static str> {
    if path.is_empty() || path.len() > 1024 {
        return Some("its path is empty or too long");
    }
    if path.contains(|character: char| character.is_control() || matches!(character, '\\' | ':')) {
        return Some("its path holds a character that has no place in a path");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("its path leaves the output folder");
    }
    let top = path.split('/').next().unwrap_or_default().to_lowercase();
    if FOREIGN.contains(&top.as_str()) || top.starts_with(STAGING) || top == MANIFEST {
        return Some("its place belongs to something else");
    }
    None
}

/// Checks the paths of all outputs: each alone, and against each other on file systems that ignore case.
///
/// # Errors
/// [`Error::OddOutput`].
pub fn check<'p>(paths: impl Iterator<Item = &'p str>) -> Result<(), Error> {
    let mut folded: HashMap<String, &str> = HashMap::new();
    for path in paths {
        if let Some(problem) = problem(path) {
            return Err(Error::OddOutput { path: path.to_owned(), problem });
        }
        if folded.insert(path.to_lowercase(), path).is_some() {
            return Err(Error::OddOutput { path: path.to_owned(), problem: "another output has the same path but for capital letters" });
        }
    }
    Ok(())
}

/// The absolute place of an output, after a look at the folders above it.
///
/// # Errors
/// [`Error::OddOutput`] where one of them is a symbolic link or a file.
pub fn place(output: &Path, path: &str) -> Result<PathBuf, Error> {
    let mut place = output.to_path_buf();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        place.push(part);
        if parts.peek().is_some()
            && let Ok(metadata) = fs::symlink_metadata(&place)
            && !metadata.is_dir()
        {
            return Err(Error::OddOutput { path: path.to_owned(), problem: "a folder of its path is a file or a symbolic link" });
        }
    }
    Ok(place)
}

/// What lies at an output's place: its bytes, or nothing.
///
/// # Errors
/// [`Error::OddOutput`] for anything but an ordinary file, [`Error::File`].
pub fn found(place: &Path, path: &str) -> Result<Option<Vec<u8>>, Error> {
    let odd = |problem| Err(Error::OddOutput { path: path.to_owned(), problem });
    match fs::symlink_metadata(place) {
        Ok(metadata) if metadata.is_file() => match fs::read(place) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(source) => Err(Error::file("read", place)(source)),
        },
        Ok(metadata) if metadata.is_symlink() => odd("a symbolic link lies there; remove it"),
        Ok(_) => odd("something else than a file lies there; remove it"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::file("look at", place)(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn nothing_leaves_the_folder_or_touches_the_crate() {
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "./a",
            "a/.",
            "a\\b",
            "C:x",
            "a\nb",
            "Cargo.toml",
            "CARGO.TOML",
            "build.rs",
            "tests/x.rs",
        ] {
            assert!(problem(path).is_some(), "{path:?}");
        }
        for path in [".git/config", ".trust-schema.json", ".trust-schema.staging/new-0", "target/x"] {
            assert!(problem(path).is_some(), "{path:?}");
        }
        for path in ["migrations/20260101000000_a.sql", "src/lib.rs", "docs/a b.md", "typescript/tests.ts", "a/tests/b"] {
            assert_eq!(problem(path), None, "{path:?}");
        }
    }
}
