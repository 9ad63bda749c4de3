//! What a database should hold, kept from one verification to the next: it depends on nothing but the migrations, the versions of both servers, and
//! how databases are read, and costs a server to build.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::{Expected, Seen, Subject};
use crate::catalog::Kind;
use crate::hash::{digits, sha256};
use crate::kinds::project::Platform;
use crate::live::{introspect, prove, server, snapshot};

/// How many are kept; the one that was used longest ago goes first.
const ROOM: usize = 8;

/// Of their files.
const EXTENSION: &str = "kept";

/// A folder for them.
#[derive(Debug, Clone)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// In the cache of the program.
    pub fn in_cache(cache: &Path) -> Kept {
        Kept { folder: cache.join("expected") }
    }

    /// What a server of the version `builder` has built for just this; nothing where it was not, or where the file is not as [`Kept::keep`] left it.
    pub fn find(&self, builder: &str, seen: &Seen, subject: &Subject<'_>) -> Option<Expected> {
        let key = key(builder, seen, subject)?;
        let mut file = File::options().read(true).append(true).open(self.file(&key)).ok()?;
        if !is_ours(&file) {
            return None;
        }
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        let (sealed, json) = text.split_once('\n')?;
        let expected = if seal(&key, json) == sealed { serde_json::from_str(json).ok()? } else { return None };
        // It was used: others go before it. Where that cannot be noted, it goes a little early.
        let _ = file.set_modified(SystemTime::now());
        Some(expected)
    }

    /// Keeps it. Where that cannot be done it is built again the next time.
    pub fn keep(&self, expected: &Expected, builder: &str, seen: &Seen, subject: &Subject<'_>) {
        let Some(key) = key(builder, seen, subject) else { return };
        let written = || -> std::io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            // Another process reads all of it or nothing; nobody else writes it.
            let mut file = tempfile::Builder::new().suffix(&format!(".{EXTENSION}")).tempfile_in(&self.folder)?;
            let json = serde_json::to_string(expected)?;
            writeln!(file, "{}", seal(&key, &json))?;
            file.write_all(json.as_bytes())?;
            file.persist(self.file(&key)).map_err(|error| error.error)?;
            self.sweep()
        };
        let _ = written();
    }

    fn sweep(&self) -> std::io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        // What others put there is theirs, and what goes meanwhile is gone.
        for entry in fs::read_dir(&self.folder)?.flatten() {
            let is_ours = entry.path().extension().is_some_and(|extension| extension == EXTENSION);
            let modified = entry.metadata().ok().filter(|metadata| is_ours && metadata.is_file()).and_then(|metadata| metadata.modified().ok());
            files.extend(modified.map(|modified| (modified, entry.path())));
        }
        files.sort();
        let many = files.len().saturating_sub(ROOM);
        files.iter().take(many).for_each(|(_, file)| drop(fs::remove_file(file)));
        Ok(())
    }

    fn file(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.{EXTENSION}"))
    }
}

/// The first line of a file: a damaged one does not fit it, nor one under another's name.
fn seal(key: &str, json: &str) -> String {
    sha256(format!("{key} {}", sha256(json.as_bytes())).as_bytes())
}

/// Whether nobody else can have written a file: a verification must not believe what another account says a database should hold.
fn is_ours(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.uid() == server::effective_user() && metadata.mode() & 0o022 == 0)
}

/// What tells one build of the program from another of the same version; nothing where the program cannot be found.
fn program() -> Option<String> {
    let metadata = std::env::current_exe().and_then(fs::metadata).ok()?;
    let built = metadata.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(format!("{} {}", metadata.len(), built.as_nanos()))
}

/// The hash of everything that it depends on; none where nobody can say which program this is. Texts stand with their lengths, so that none runs into the next.
fn key(builder: &str, seen: &Seen, subject: &Subject<'_>) -> Option<String> {
    let platform = match subject.system.platform {
        Platform::Supabase => "supabase",
        Platform::Postgresql => "postgresql",
    };
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update(format!("{} ", part.len()));
        hash.update(part);
        hash.update("\n");
    };
    add(env!("CARGO_PKG_VERSION"));
    add(&program()?);
    add(&seen.server.version);
    add(builder);
    add(platform);
    // How it is read.
    add(introspect::COMMON);
    add(introspect::BEGIN);
    add(snapshot::OBJECTS);
    add(super::OWNED);
    Kind::ALL.iter().for_each(|kind| add(kind.introspection()));
    // What is run, and where.
    server::EMULATIONS.iter().for_each(|emulation| add(emulation));
    prove::roles(subject.resolution).iter().for_each(|role| add(role));
    for (name, schema) in &subject.system.extensions {
        add(name);
        add(schema);
    }
    for migration in subject.system.migrations.iter().filter(|migration| seen.is_there(migration)) {
        add(&migration.version);
        add(&migration.file.text);
    }
    // What counts as ours of what the platform brings.
    let mut names: Vec<String> = subject.resolution.catalog.iter().map(|(id, _)| id.to_string()).collect();
    names.sort_unstable();
    names.iter().for_each(|name| add(name));
    Some(digits(&hash.finalize()))
}
