//! What is deployed: migrations with their rollbacks and verification, whoever generated them.

use super::Stop;
use super::script::{self, Manner, Statement};
use crate::catalog::{Catalog, Object};
use crate::emit::Files;
use crate::emit::verification::WHOLE;
use crate::hash::sha256;
use crate::kinds::project::Platform;
use crate::resolve::Resolution;

/// A file and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Relative to the folder of outputs.
    pub path: String,
    pub text: String,
}

/// One migration.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The digits before the first `_` of the file's name, which is what history knows it by.
    pub version: String,
    /// What follows them, without `.sql`.
    pub name: String,
    pub file: Script,
    pub statements: Vec<Statement>,
    /// Of the file, in hexadecimal digits.
    pub sha256: String,
    pub rollback: Option<Script>,
    pub verification: Option<Script>,
}

/// Everything that is known of the system that is deployed.
#[derive(Debug, Clone)]
pub struct System {
    pub name: String,
    pub platform: Platform,
    /// In the order of their versions.
    pub migrations: Vec<Migration>,
    /// The query that checks all of it.
    pub verification: Option<Script>,
    pub full_rollback: Option<Script>,
    pub partial_rollback: Option<Script>,
    /// All kill switches in one file.
    pub kill_switch: Option<Script>,
    /// Each by its name.
    pub kill_switches: Vec<(String, Script)>,
    /// Roles that must be there.
    pub roles: Vec<String>,
    /// Extensions that must be there, with their schemas.
    pub extensions: Vec<(String, String)>,
    /// What the database should hold in the end.
    pub catalog: Catalog,
}

impl Migration {
    /// Whether all of it fits into one transaction.
    pub fn is_one_transaction(&self) -> bool {
        self.statements.iter().all(|statement| statement.manner == Manner::Together)
    }
}

/// Puts the outputs of a compilation together.
///
/// # Errors
/// Where a file cannot be read as a migration, or two have one version.
pub fn system(resolution: &Resolution, files: &Files) -> Result<System, Stop> {
    let objects = || resolution.catalog.objects();
    let mut kill_switches = Vec::new();
    for (path, text) in files.iter() {
        if let Some(name) = path.strip_prefix("rollback/kill_switches/").and_then(|name| name.strip_suffix(".sql")) {
            kill_switches.push((name.to_owned(), Script { path: path.to_owned(), text: text.to_owned() }));
        }
    }
    Ok(System {
        name: resolution.project.name.clone(),
        platform: resolution.project.platform,
        migrations: migrations(files)?,
        verification: find(files, WHOLE),
        full_rollback: find(files, "rollback/full.sql"),
        partial_rollback: find(files, "rollback/partial.sql"),
        kill_switch: find(files, "rollback/kill_switch.sql"),
        kill_switches,
        roles: objects().filter_map(|object| if let Object::Role(role) = object { Some(role.name.clone()) } else { None }).collect(),
        extensions: objects()
            .filter_map(
                |object| if let Object::Extension(extension) = object { Some((extension.name.clone(), extension.schema.clone())) } else { None },
            )
            .collect(),
        catalog: resolution.catalog.clone(),
    })
}

/// The migrations among files: `migrations/<version>_<name>.sql`, each with `rollback/` and `verification/` of the same name.
///
/// # Errors
/// As [`system`].
pub fn migrations(files: &Files) -> Result<Vec<Migration>, Stop> {
    let mut migrations = Vec::new();
    for (path, text) in files.iter() {
        let Some(file) = path.strip_prefix("migrations/") else { continue };
        migrations.push(migration(path, file, text, files)?);
    }
    migrations.sort_by(|a: &Migration, b| a.version.cmp(&b.version));
    for pair in migrations.windows(2) {
        if let [first, second] = pair
            && first.version == second.version
        {
            return Err(Stop::new(
                "duplicate-version",
                format!("`{}` and `{}` have one version, and history keeps one row for each version", first.file.path, second.file.path),
            )
            .help("give one of them another version"));
        }
    }
    Ok(migrations)
}

fn migration(path: &str, file: &str, text: &str, files: &Files) -> Result<Migration, Stop> {
    let name = file.strip_suffix(".sql").and_then(|stem| stem.split_once('_'));
    let Some((version, name)) = name.filter(|(version, _)| !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())) else {
        return Err(
            Stop::new("migration-name", format!("`{path}` is not named `<digits>_<name>.sql`")).help("rename it, or take it out of the folder")
        );
    };
    let statements = script::statements(path, text)?;
    if statements.is_empty() {
        return Err(Stop::new("empty-migration", format!("`{path}` holds no statement")).help("write the file again: `trust-schema generate`"));
    }
    Ok(Migration {
        version: version.to_owned(),
        name: name.to_owned(),
        statements,
        sha256: sha256(text.as_bytes()),
        rollback: find(files, &format!("rollback/{file}")),
        verification: find(files, &format!("verification/{file}")),
        file: Script { path: path.to_owned(), text: text.to_owned() },
    })
}

fn find(files: &Files, path: &str) -> Option<Script> {
    files.0.get(path).map(|text| Script { path: path.to_owned(), text: text.clone() })
}
