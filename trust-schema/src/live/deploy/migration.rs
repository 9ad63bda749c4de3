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
pub fn system(resolution: &Resolution, mut files: Files) -> Result<System, Stop> {
    let objects = || resolution.catalog.objects();
    let mut kill_switches = Vec::new();
    for path in paths(&files, "rollback/kill_switches/") {
        let name = path.strip_prefix("rollback/kill_switches/").and_then(|name| name.strip_suffix(".sql")).map(str::to_owned);
        kill_switches.extend(name.zip(take(&mut files, &path)));
    }
    Ok(System {
        name: resolution.project.name.clone(),
        platform: resolution.project.platform,
        migrations: migrations(&mut files)?,
        verification: take(&mut files, WHOLE),
        full_rollback: take(&mut files, "rollback/full.sql"),
        partial_rollback: take(&mut files, "rollback/partial.sql"),
        kill_switch: take(&mut files, "rollback/kill_switch.sql"),
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

/// The migrations among files: `migrations/<version>_<name>.sql`, each with `rollback/` and `verification/` of the same name. They are taken
/// out.
///
/// # Errors
/// As [`system`].
pub fn migrations(files: &mut Files) -> Result<Vec<Migration>, Stop> {
    let mut migrations = Vec::new();
    for path in paths(files, "migrations/") {
        let Some(script) = take(files, &path) else { continue };
        migrations.push(migration(script, files)?);
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

fn migration(script: Script, files: &mut Files) -> Result<Migration, Stop> {
    let Script { path, text } = &script;
    let file = path.strip_prefix("migrations/").unwrap_or(path);
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
        rollback: take(files, &format!("rollback/{file}")),
        verification: take(files, &format!("verification/{file}")),
        file: script,
    })
}

/// The paths of the files in a folder.
fn paths(files: &Files, folder: &str) -> Vec<String> {
    files.iter().map(|(path, _)| path).filter(|path| path.starts_with(folder)).map(str::to_owned).collect()
}

/// A file that nobody needs any more: together they are large.
fn take(files: &mut Files, path: &str) -> Option<Script> {
    files.0.remove(path).map(|text| Script { path: path.to_owned(), text })
}
