//! The backup before a change: `pg_dump` of the right version, or the file that somebody has made with it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Stop;
use super::checks::Server;
use super::connection::Connection;
use super::options::BackupChoice;
use crate::hash::digits;
use crate::live::server::{Environment, installed};

/// A backup, or why there is none; for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "backup")]
pub enum Backup {
    /// There is a file that can be restored.
    File { path: PathBuf, bytes: u64, sha256: String, entries: usize, made_by: String },
    /// There is none.
    None { reason: String },
}

/// Makes or verifies it. Blocks meanwhile.
///
/// # Errors
/// [`Stop`] `backup`: nothing may be changed.
pub fn secure(choice: &BackupChoice, connection: &Connection, server: &Server, now: &str) -> Result<Backup, Stop> {
    match choice {
        BackupChoice::None(reason) => Ok(Backup::None { reason: reason.clone() }),
        BackupChoice::File(path) => verify(path, server, "somebody else"),
        BackupChoice::Run(folder) => {
            let program = find("pg_dump", server.major)?;
            let path = dump(&program, folder, connection, server, now)?;
            verify(&path, server, &program.display().to_string())
        }
    }
}

fn failed(message: impl Into<String>) -> Stop {
    Stop::new("backup", message).help("make one yourself and name it, `--backup FILE`, or say why there is none, `--no-backup REASON`")
}

fn dump(program: &Path, folder: &Path, connection: &Connection, server: &Server, now: &str) -> Result<PathBuf, Stop> {
    let problem = |error: std::io::Error| failed(format!("`{}` cannot be written: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(problem)?;
    // A backup holds everything that the database does: it does not belong into a repository, and nobody else may read it.
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "*\n").map_err(problem)?;
    }
    let stem: String = server.database.chars().map(|character| if character.is_alphanumeric() { character } else { '_' }).collect();
    let path = folder.join(format!("{stem}-{now}.dump"));
    let partial = folder.join(format!("{stem}-{now}.partial"));
    let (variables, password) = connection.variables();
    let mut command = Command::new(program);
    command.args(["--format=custom", "--no-password", "--lock-wait-timeout=30000", "--file"]).arg(&partial);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command.envs(variables).env("LC_ALL", "C").env("PGAPPNAME", "trust-schema backup");
    // In a file that only we can read: the arguments and variables of a process can be seen by others.
    let secret = password.map(pass_file).transpose().map_err(problem)?;
    if let Some(secret) = &secret {
        command.env("PGPASSFILE", secret.path());
    }
    let file = open_private(&partial).map_err(problem)?;
    drop(file);
    let output = command.output().map_err(|error| failed(format!("`{}` cannot be run: {error}", program.display())))?;
    if !output.status.success() {
        let _ = fs::remove_file(&partial);
        return Err(failed(format!("`{}` failed: {}", program.display(), told(&output))));
    }
    File::open(&partial).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&partial, &path)).map_err(problem)?;
    Ok(path)
}

#[cfg(unix)]
fn open_private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn open_private(path: &Path) -> std::io::Result<File> {
    File::create(path)
}

fn pass_file(password: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    writeln!(file, "*:*:*:*:{}", password.replace('\\', "\\\\").replace(':', "\\:"))?;
    file.flush()?;
    Ok(file)
}

/// A program of the server's major version, or else of a newer one.
fn find(name: &str, major: u32) -> Result<PathBuf, Stop> {
    let environment = Environment::read();
    let mut folders: Vec<PathBuf> = installed(&environment).unwrap_or_default().into_iter().map(|server| server.binaries).collect();
    folders.extend(std::env::split_paths(&environment.path).filter(|folder| folder.is_absolute()));
    // Clients without a server lie where Debian puts them.
    folders.extend((major..major + 8).map(|major| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"))));
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for folder in folders {
        let program = folder.join(name);
        if program.is_file()
            && let Some(own) = version(&program)
        {
            found.push((own, program));
        }
    }
    found.sort_by_key(|(own, _)| *own);
    let seen = found.iter().map(|(own, _)| own.to_string()).collect::<Vec<_>>().join(", ");
    found.into_iter().find(|(own, _)| *own >= major).map(|(_, program)| program).ok_or_else(|| {
        let seen = if seen.is_empty() { String::new() } else { format!("; there is only that of {seen}") };
        failed(format!("there is no `{name}` of PostgreSQL {major} or newer on this machine{seen}"))
            .help(format!("install it (`apt-get install postgresql-client-{major}`), make a backup elsewhere and name it, `--backup FILE`, or say why there is none, `--no-backup REASON`"))
    })
}

fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").env("LC_ALL", "C").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let word = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    word.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// Looks whether a file can be restored, and is of this database.
fn verify(path: &Path, server: &Server, made_by: &str) -> Result<Backup, Stop> {
    let unreadable = |error: std::io::Error| failed(format!("the backup `{}` cannot be read: {error}", path.display()));
    let shown = path.display();
    let bytes = path.metadata().map_err(unreadable)?.len();
    if path.is_dir() {
        return Err(failed(format!("the backup `{shown}` is a folder; one file is needed (`pg_dump --format=custom`)")));
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let (mut hash, mut head, mut tail) = (Sha256::new(), Vec::new(), Vec::new());
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(unreadable)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        if head.len() < 4096 {
            head.extend_from_slice(part);
        }
        tail.extend_from_slice(part);
        tail.drain(..tail.len().saturating_sub(4096));
    }
    let sha256 = digits(&hash.finalize());
    let entries = if head.starts_with(b"PGDMP") { archive(path, server)? } else { script(path, &head, &tail, server)? };
    if entries == 0 {
        return Err(failed(format!("the backup `{shown}` holds nothing")));
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    Ok(Backup::File { path, bytes, sha256, entries, made_by: made_by.to_owned() })
}

/// The entries of an archive that `pg_restore` can list.
fn archive(path: &Path, server: &Server) -> Result<usize, Stop> {
    let program = find("pg_restore", server.major)?;
    let output = Command::new(&program).arg("--list").arg(path).env("LC_ALL", "C").output();
    let output = output.map_err(|error| failed(format!("`{}` cannot be run: {error}", program.display())))?;
    if !output.status.success() {
        return Err(failed(format!("the backup `{}` cannot be restored: {}", path.display(), told(&output))));
    }
    let list = String::from_utf8_lossy(&output.stdout);
    let head = |word: &str| list.lines().find_map(|line| line.strip_prefix(';')?.trim().strip_prefix(word)).map(str::trim);
    if let Some(other) = head("dbname:").filter(|name| *name != server.database) {
        return Err(failed(format!("the backup `{}` is of the database `{other}`, not of `{}`", path.display(), server.database)));
    }
    let major = head("Dumped from database version:").and_then(|version| version.split('.').next());
    if let Some(major) = major.filter(|major| *major != server.major.to_string()) {
        return Err(failed(format!("the backup `{}` is of a server of PostgreSQL {major}, not {}", path.display(), server.major)));
    }
    Ok(list.lines().filter(|line| !line.starts_with(';') && !line.trim().is_empty()).count())
}

/// Whether a script of `pg_dump` is one from beginning to end.
fn script(path: &Path, head: &[u8], tail: &[u8], server: &Server) -> Result<usize, Stop> {
    let (head, tail) = (String::from_utf8_lossy(head), String::from_utf8_lossy(tail));
    if !head.contains("PostgreSQL database dump") {
        return Err(failed(format!("`{}` is no backup that `pg_dump` made", path.display())));
    }
    if !tail.contains("PostgreSQL database dump complete") {
        return Err(failed(format!("the backup `{}` has no end: it was interrupted", path.display())));
    }
    let from = head.lines().find_map(|line| line.strip_prefix("-- Dumped from database version "));
    let major = from.and_then(|version| version.split('.').next());
    if let Some(major) = major.filter(|major| *major != server.major.to_string()) {
        return Err(failed(format!("the backup `{}` is of a server of PostgreSQL {major}, not {}", path.display(), server.major)));
    }
    Ok(1)
}

fn told(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(8).collect();
    if lines.is_empty() { output.status.to_string() } else { lines.join("\n  ") }
}
