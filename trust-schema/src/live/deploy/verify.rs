//! The generated verification, run on the database that was deployed to.

use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

use super::history::History;
use super::migration::{Migration, Script, System};
use crate::emit::verification::ORDER;
use crate::live::error::message;
use crate::live::introspect::BEGIN;

/// What it found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    pub checks: u64,
    /// One line for each check that failed.
    pub failures: Vec<String>,
}

impl Verification {
    /// Whether something was checked, and everything passed.
    pub fn holds(&self) -> bool {
        self.checks > 0 && self.failures.is_empty()
    }
}

/// The files that fit what is applied: that of everything, or that of each migration that is there.
pub fn scripts<'s>(system: &'s System, history: &History) -> Vec<&'s Script> {
    let is_there = |migration: &&Migration| history.row(&migration.version).is_some();
    let there: Vec<&Migration> = system.migrations.iter().filter(is_there).collect();
    match &system.verification {
        Some(whole) if there.len() == system.migrations.len() => vec![whole],
        _ => there.iter().filter_map(|migration| migration.verification.as_ref()).collect(),
    }
}

/// What one script found.
#[derive(Debug, Deserialize)]
struct Row {
    check: Option<String>,
    object: Option<String>,
    expected: Option<String>,
    actual: Option<String>,
}

/// Runs queries of which every row must have passed. Nothing can be changed meanwhile.
pub async fn run(client: &Client, scripts: &[&Script]) -> Verification {
    let mut found = Verification::default();
    for script in scripts {
        // A message of its own: nothing of the file can be taken for a part of it. How names and constants print must not depend on the session.
        let begun = client.batch_execute(BEGIN).await;
        let answer = match begun {
            Ok(()) => failed(client, script).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok((checks, failed)) => {
                found.checks += checks;
                found.failures.extend(failed);
            }
            Err(error) => found.failures.push(format!("{}: {}", script.path, message(&error))),
        }
        if let Err(error) = client.batch_execute("rollback").await {
            found.failures.push(format!("{}: {}", script.path, message(&error)));
        }
    }
    found
}

/// How many checks there are, and those that failed: a large system has a hundred thousand, and nearly all pass.
async fn failed(client: &Client, script: &Script) -> Result<(u64, Vec<String>), tokio_postgres::Error> {
    let query = script.text.trim_end().trim_end_matches(';');
    // The order is for people who read all rows.
    let query = query.strip_suffix(ORDER).unwrap_or(query);
    // Anything but a plain yes is a no.
    let sql = format!(
        "select count(*), coalesce(json_agg(json_build_object('check', c.\"check\", 'object', c.object, 'expected', c.expected, 'actual', c.actual) \
         order by c.object collate \"C\", c.\"check\" collate \"C\") filter (where c.passed is not true), '[]')::text from (\n{query}\n) c"
    );
    let row = client.query_one(&sql, &[]).await?;
    let (checks, rows): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
    let text = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
    let line = |row: Row| {
        let (object, check, expected, actual) = (text(row.object), text(row.check), text(row.expected), text(row.actual));
        format!("{}: {object}: {check}: expected {expected}, found {actual}", script.path)
    };
    // The server wrote it: what is not read counts as failed.
    let failed = match serde_json::from_str::<Vec<Row>>(&rows) {
        Ok(rows) => rows.into_iter().map(line).collect(),
        Err(error) => vec![format!("{}: {error}", script.path)],
    };
    Ok((checks.unsigned_abs(), failed))
}
