//! What the statements of an evolution cost, and whom they keep waiting.

use rustc_hash::FxHashSet;
use serde::Serialize;

use super::{Evolution, Step, Verb};
use crate::catalog::{Id, Kind};
use crate::kinds::alteration::Work;

/// A lock on a relation (PostgreSQL: "Explicit Locking", table-level locks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Keeps out other changes of the table alone.
    ShareUpdateExclusive,
    /// Keeps out writers.
    Share,
    /// Keeps out writers, and other locks of its kind.
    ShareRowExclusive,
    /// Keeps out everybody.
    AccessExclusive,
}

impl Lock {
    /// The words in LOCK TABLE.
    pub fn words(self) -> &'static str {
        match self {
            Lock::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Lock::Share => "SHARE",
            Lock::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Lock::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }
}

/// Something to know before it is run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "hazard", rename_all = "snake_case")]
pub enum Hazard {
    /// Values or rows are destroyed.
    Loss { object: Id },
    /// Values stay, but lose something.
    Reduced { object: Id, what: &'static str },
    /// Every row is written anew while everybody waits.
    Rewrite { object: Id },
    /// Every row is read while writers wait.
    Scan { object: Id, lock: Lock },
}

/// All hazards, in the order of steps.
pub fn hazards(evolution: &Evolution) -> Vec<Hazard> {
    step_hazards(evolution.steps())
}

/// The hazards of steps, in their order.
pub fn step_hazards<'s>(steps: impl Iterator<Item = &'s Step>) -> Vec<Hazard> {
    let mut found = Vec::new();
    let mut known = FxHashSet::default();
    for step in steps {
        for statement in &step.statements {
            let object = step.id.clone();
            match statement.work {
                Work::Loss => found.push(Hazard::Loss { object }),
                Work::Reduce(what) => found.extend([Hazard::Reduced { object: object.clone(), what }, Hazard::Rewrite { object }]),
                Work::Rewrite => found.push(Hazard::Rewrite { object }),
                Work::Scan => match lock(step, &statement.sql) {
                    Some(lock) if lock > Lock::ShareUpdateExclusive => found.push(Hazard::Scan { object, lock }),
                    _ => {}
                },
                Work::Catalog => {}
            }
        }
    }
    found.retain(|hazard| known.insert(hazard.clone()));
    found
}

/// The strongest lock that a statement takes on the table that it is about. A form that is not listed takes the strongest one.
pub fn lock(step: &Step, sql: &str) -> Option<Lock> {
    let has = |words: &str| sql.contains(words);
    match step.id.kind() {
        Kind::Role | Kind::Schema | Kind::Extension | Kind::Function | Kind::Grant | Kind::Schedule | Kind::Sequence => None,
        Kind::Comment if has("COMMENT ON TABLE") || has("COMMENT ON COLUMN") || has("COMMENT ON VIEW") => Some(Lock::ShareUpdateExclusive),
        Kind::Comment => None,
        // Of every table with a column of the domain, while its rows are read.
        Kind::Domain if has(" ADD CONSTRAINT ") || has(" SET NOT NULL") => Some(Lock::Share),
        Kind::Enum | Kind::Domain | Kind::Composite if !has("ALTER TABLE") => None,
        Kind::Index if has(" RENAME TO ") => None,
        // What goes with a table into another schema.
        Kind::Table if sql.starts_with("ALTER INDEX ") || sql.starts_with("ALTER SEQUENCE ") => None,
        Kind::Column if has("ALTER SEQUENCE") => None,
        // Rows alone.
        Kind::Column if sql.starts_with("UPDATE ") || sql.starts_with("DO ") => None,
        // Nobody else knows of it yet.
        Kind::Table | Kind::View if step.verb == Verb::Create => None,
        Kind::Index if has("CONCURRENTLY") => Some(Lock::ShareUpdateExclusive),
        Kind::Index if step.verb == Verb::Create => Some(Lock::Share),
        _ if has("CREATE UNIQUE INDEX CONCURRENTLY") || has("VALIDATE CONSTRAINT") => Some(Lock::ShareUpdateExclusive),
        Kind::ForeignKey if step.verb == Verb::Create => Some(Lock::ShareRowExclusive),
        Kind::Trigger if step.verb == Verb::Create => Some(Lock::ShareRowExclusive),
        Kind::Seed => None,
        _ => Some(Lock::AccessExclusive),
    }
}
