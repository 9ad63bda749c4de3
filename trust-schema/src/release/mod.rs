//! What has been released: migrations that are frozen, and the Catalog that they lead to.
//!
//! `generated/release.lock` holds both. From then on the spec is compiled into what leads on from there.

mod lock;
mod said;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use crate::catalog::{Catalog, Id, Object};
use crate::contract::Promises;
use crate::diagnostic::{Diagnostic, codes};
use crate::hash::sha256;
use crate::parallel;
use crate::plpgsql::Language;

pub use lock::{LOCK, Locked, parse, text};
pub use said::{Said, relation, said};

/// Everything that has been released.
#[derive(Debug, Clone, Default)]
pub struct Release {
    /// In their order.
    pub migrations: Vec<Migration>,
    /// What they lead to.
    pub catalog: Catalog,
    /// For each migration, the objects of the Catalog that it was the last to make, in order.
    pub steps: Vec<Vec<Id>>,
    /// What functions promise. Releases of earlier versions keep none.
    pub promises: Promises,
    /// What was said of names that are in use still: it says nothing any more.
    pub said: BTreeSet<Said>,
}

/// A migration that is frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// File name without `.sql`.
    pub name: String,
    pub summary: String,
    /// The file of the spec that it came from.
    pub file: String,
    /// SHA-256 of its files, by path.
    pub files: BTreeMap<String, String>,
}

/// A release, and its files as they lie in the output folder.
#[derive(Debug, Clone, Default)]
pub struct Released {
    pub release: Release,
    /// By path.
    pub files: BTreeMap<String, String>,
}

/// A release whose objects are not read yet, and its files as they lie in the output folder.
#[derive(Debug, Clone)]
pub struct Unread {
    pub locked: Locked,
    /// By path.
    pub files: BTreeMap<String, String>,
}

impl Unread {
    /// Reads the objects; those that a Catalog has in the same words are shared with it.
    ///
    /// # Errors
    /// Why they cannot be read, in words.
    pub fn read(self, like: &Catalog) -> Result<Released, String> {
        Ok(Released { release: self.locked.release(like)?, files: self.files })
    }
}

/// What a spec leads on from.
#[derive(Debug, Clone)]
pub enum Previous {
    Read(Released),
    Unread(Unread),
}

impl Previous {
    /// The bodies of functions in PL/pgSQL.
    pub fn bodies(&self) -> FxHashSet<String> {
        let is_plpgsql = |language: &str| Language::of(language) == Language::Plpgsql;
        match self {
            Previous::Unread(unread) => unread.locked.bodies(&is_plpgsql),
            Previous::Read(released) => {
                let bodies = released.release.catalog.objects().filter_map(|object| match object {
                    Object::Function(function) if is_plpgsql(&function.language) => Some(function.body.clone()),
                    _ => None,
                });
                bodies.collect()
            }
        }
    }

    /// Its release, where that has to be read: as [`Locked::release`].
    ///
    /// # Errors
    /// As [`Locked::release`].
    pub fn release(&self, like: &Catalog) -> Result<Option<Release>, String> {
        match self {
            Previous::Read(_) => Ok(None),
            Previous::Unread(unread) => unread.locked.release(like).map(Some),
        }
    }

    /// With the release, where it had to be read.
    pub fn with(self, release: Option<Release>) -> Released {
        match self {
            Previous::Read(released) => released,
            Previous::Unread(unread) => Released { release: release.unwrap_or_default(), files: unread.files },
        }
    }
}

/// That the file of a release cannot be read, and why.
pub fn unreadable(problem: &str) -> Diagnostic {
    Diagnostic::global(&codes::BAD_RELEASE_LOCK, format!("`{LOCK}` cannot be read: {problem}")).help("bring it back from version control")
}

/// The files of a migration, by path.
pub fn paths(migration: &str) -> [String; 3] {
    ["migrations", "rollback", "verification"].map(|folder| format!("{folder}/{migration}.sql"))
}

impl Release {
    /// Whether a migration is frozen.
    pub fn has(&self, migration: &str) -> bool {
        self.migrations.iter().any(|released| released.name == migration)
    }

    /// The version of the last migration: its digits.
    pub fn last_version(&self) -> Option<&str> {
        self.migrations.last().and_then(|migration| migration.name.split('_').next())
    }
}

impl Released {
    /// The frozen files that are missing, or are not what was released.
    pub fn changed(&self) -> Vec<&str> {
        let frozen: Vec<(&String, &String)> = self.release.migrations.iter().flat_map(|migration| &migration.files).collect();
        let changed = parallel::map(&frozen, |_, (path, hash)| self.files.get(*path).is_none_or(|text| sha256(text.as_bytes()) != **hash));
        frozen.iter().zip(changed).filter(|(_, changed)| *changed).map(|((path, _), _)| path.as_str()).collect()
    }

    /// This and further migrations, with the Catalog that all of them lead to.
    pub fn extended(&self, migrations: Vec<(Migration, Vec<Id>)>, catalog: Catalog, promises: Promises, said: BTreeSet<Said>) -> Release {
        let mut release = Release { migrations: self.release.migrations.clone(), catalog, steps: self.release.steps.clone(), promises, said };
        for (migration, steps) in migrations {
            let made: FxHashSet<&Id> = steps.iter().collect();
            release.steps.iter_mut().for_each(|known| known.retain(|id| !made.contains(id)));
            release.migrations.push(migration);
            release.steps.push(steps);
        }
        for steps in &mut release.steps {
            steps.retain(|id| release.catalog.contains(id));
        }
        release
    }
}

impl Migration {
    /// Freezes a migration with its files among these.
    pub fn freeze(name: &str, summary: &str, file: &str, files: &BTreeMap<String, String>) -> Migration {
        let own = paths(name).into_iter().filter_map(|path| files.get(&path).map(|text| (path, sha256(text.as_bytes()))));
        Migration { name: name.to_owned(), summary: summary.to_owned(), file: file.to_owned(), files: own.collect() }
    }
}
