//! The file that names the databases of a fleet.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use super::Failure;
use super::deploy::{stopped, surroundings};
use super::project::Project;
use crate::live::deploy::Stop;
use crate::live::deploy::connection::Connection;
use crate::live::deploy::fleet::Member;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FleetFile {
    database: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    /// Where it is; or the variable that says it.
    url: Option<String>,
    url_variable: Option<String>,
    #[serde(default = "first_wave")]
    wave: u32,
}

fn first_wave() -> u32 {
    1
}

/// Reads it.
///
/// # Errors
/// A message. What is in the file is not repeated: it may hold passwords.
pub fn read(path: &Path, project: &Project) -> Result<Vec<Member>, Failure> {
    let odd = |problem: &str| {
        stopped(
            Stop::new("fleet-file", format!("`{}` cannot be used: {problem}", path.display()))
                .help("it holds, for each database, `[[database]]` with `name`, with `url` or `url_variable`, and perhaps with `wave`"),
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| odd(&error.to_string()))?;
    let file: FleetFile = toml::from_str(&text).map_err(|error| {
        // Its message repeats values.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        odd(&format!("line {} is no part of such a file", before.matches('\n').count() + 1))
    })?;
    let surroundings = surroundings(project)?;
    let mut names = BTreeSet::new();
    let mut members = Vec::with_capacity(file.database.len());
    for entry in file.database {
        let plain = entry.name.chars().all(|character| character.is_alphanumeric() || "-_.".contains(character)) && !entry.name.starts_with('.');
        if entry.name.is_empty() || !plain || !names.insert(entry.name.clone()) {
            return Err(odd(&format!("the name `{}` is no plain name, or there twice", entry.name.escape_debug())));
        }
        let url = match (&entry.url, &entry.url_variable) {
            (Some(url), None) => url.clone(),
            (None, Some(variable)) => {
                let value = surroundings.variables.get(variable);
                value.cloned().ok_or_else(|| odd(&format!("the variable `{variable}` of `{}` is not set", entry.name)))?
            }
            _ => return Err(odd(&format!("`{}` needs either `url` or `url_variable`", entry.name))),
        };
        let connection = Connection::find(Some(&url), &surroundings).map_err(stopped)?;
        members.push(Member { name: entry.name, wave: entry.wave, connection });
    }
    if members.is_empty() {
        return Err(odd("it names no database"));
    }
    Ok(members)
}
