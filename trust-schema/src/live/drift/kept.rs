//! What a database should hold, kept from one verification to the next: it depends on nothing but the migrations, the version of the server, and
//! how databases are read, and costs a server to build.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Expected, Seen, Subject};
use crate::catalog::Kind;
use crate::hash::sha256;
use crate::kinds::project::Platform;
use crate::live::prove;
use crate::live::{introspect, snapshot};

/// How many are kept; the one that was used longest ago goes first.
const ROOM: usize = 8;

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

    /// What was built for just this; nothing where it was not, or cannot be read.
    pub fn find(&self, seen: &Seen, subject: &Subject<'_>) -> Option<Expected> {
        let file = self.file(seen, subject);
        let expected = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
        // It was used: others go before it. Where that cannot be noted, it goes a little early.
        let _ = fs::File::options().append(true).open(&file).and_then(|file| file.set_modified(SystemTime::now()));
        Some(expected)
    }

    /// Keeps it. Where that cannot be done it is built again the next time.
    pub fn keep(&self, expected: &Expected, seen: &Seen, subject: &Subject<'_>) {
        let written = || -> std::io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            // Another process reads all of it or nothing.
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            {
                let mut out = std::io::BufWriter::new(&mut file);
                serde_json::to_writer(&mut out, expected)?;
                out.flush()?;
            }
            file.persist(self.file(seen, subject)).map_err(|error| error.error)?;
            self.sweep()
        };
        let _ = written();
    }

    fn sweep(&self) -> std::io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
        files.sort();
        let many = files.len().saturating_sub(ROOM);
        files.iter().take(many).try_for_each(|(_, file)| fs::remove_file(file))
    }

    fn file(&self, seen: &Seen, subject: &Subject<'_>) -> PathBuf {
        self.folder.join(format!("{}.json", key(seen, subject)))
    }
}

/// The hash of everything that it depends on. Texts stand with their lengths, so that none runs into the next.
fn key(seen: &Seen, subject: &Subject<'_>) -> String {
    let platform = match subject.system.platform {
        Platform::Supabase => "supabase",
        Platform::Postgresql => "postgresql",
    };
    let mut text = String::new();
    let mut add = |part: &str| text.push_str(&format!("{} {part}\n", part.len()));
    add(env!("CARGO_PKG_VERSION"));
    add(&seen.server.version);
    add(platform);
    // How it is read.
    add(introspect::COMMON);
    add(introspect::BEGIN);
    add(snapshot::OBJECTS);
    add(super::OWNED);
    Kind::ALL.iter().for_each(|kind| add(kind.introspection()));
    // What is run, and where.
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
    sha256(text.as_bytes())
}
