//! The generated verification, run on the database that was deployed to.

use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::history::History;
use super::migration::{Migration, Script, System};
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

/// Runs queries of which every row must have passed. Nothing can be changed meanwhile.
pub async fn run(client: &Client, scripts: &[&Script]) -> Verification {
    let mut found = Verification::default();
    for script in scripts {
        // Separate messages: nothing of the file can be taken for a part of ours. How names and constants print must not depend on the session.
        let begun = client.batch_execute(BEGIN).await;
        let answer = match begun {
            Ok(()) => client.simple_query(&script.text).await,
            Err(error) => Err(error),
        };
        match &answer {
            Ok(messages) => rows(script, messages, &mut found),
            Err(error) => found.failures.push(format!("{}: {}", script.path, message(error))),
        }
        if let Err(error) = client.batch_execute("rollback").await {
            found.failures.push(format!("{}: {}", script.path, message(&error)));
        }
    }
    found
}

fn rows(script: &Script, messages: &[SimpleQueryMessage], found: &mut Verification) {
    for message in messages {
        let SimpleQueryMessage::Row(row) = message else { continue };
        found.checks += 1;
        let value = |column: &str| text(row, column);
        // Anything but a plain yes is a no.
        if value("passed") != "t" {
            found.failures.push(format!(
                "{}: {}: {}: expected {}, found {}",
                script.path,
                value("object"),
                value("check"),
                value("expected"),
                value("actual")
            ));
        }
    }
}

/// A value by the name of its column; the driver's own look-up panics on an unknown one.
fn text(row: &SimpleQueryRow, column: &str) -> String {
    let place = row.columns().iter().position(|known| known.name() == column);
    place.and_then(|place| row.try_get(place).ok().flatten()).unwrap_or("nothing").to_owned()
}
