//! The places where systems put PostgreSQL servers without putting them in `PATH`.

use std::fs;
use std::path::{Path, PathBuf};

/// One pattern each; `*` stands for anything within one component.
pub(super) const USUAL_PLACES: &[&str] = &[
    // Debian, Ubuntu
    "usr/lib/postgresql/*/bin",
    // RHEL, Fedora (packages of postgresql.org)
    "usr/pgsql-*/bin",
    // SUSE; Alpine
    "usr/lib/postgresql*/bin",
    "usr/libexec/postgresql*",
    // Homebrew on Apple silicon, on Intel, on Linux
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    // Postgres.app
    "Applications/Postgres.app/Contents/Versions/*/bin",
];

/// The directories under `root` that match a usual place, in the order of the patterns and by name within one.
pub(super) fn usual_places(root: &Path) -> Vec<PathBuf> {
    USUAL_PLACES.iter().flat_map(|pattern| expand(root, pattern)).collect()
}

fn expand(root: &Path, pattern: &str) -> Vec<PathBuf> {
    pattern
        .split('/')
        .fold(vec![root.to_path_buf()], |directories, component| directories.iter().flat_map(|directory| step(directory, component)).collect())
}

fn step(directory: &Path, component: &str) -> Vec<PathBuf> {
    let Some((before, after)) = component.split_once('*') else {
        let next = directory.join(component);
        return if next.is_dir() { vec![next] } else { Vec::new() };
    };
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut matching: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        })
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    matching.sort();
    matching
}
