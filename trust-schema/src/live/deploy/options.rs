//! How a deployment is to be carried out.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

/// What is only done where somebody has said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allow {
    /// Rows, columns or tables that held rows are gone afterwards.
    DataLoss,
    /// Somebody may do afterwards what was not allowed before.
    Access,
    /// History holds migrations that are not ours.
    ForeignHistory,
}

impl Allow {
    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Allow::DataLoss => "data-loss",
            Allow::Access => "access",
            Allow::ForeignHistory => "foreign-history",
        }
    }
}

/// Where the backup comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupChoice {
    /// `pg_dump` is run, into this folder.
    Run(PathBuf),
    /// Somebody has made one; it is verified.
    File(PathBuf),
    /// There is none, for a reason that is recorded.
    None(String),
}

/// How a deployment is to be carried out.
#[derive(Debug, Clone)]
pub struct Options {
    pub allow: BTreeSet<Allow>,
    /// The longest wait for a lock on a table, before everything is given back and tried again.
    pub lock_timeout: Duration,
    /// The longest time of one statement in a transaction.
    pub statement_timeout: Duration,
    /// How often a migration is tried where locks or connections fail.
    pub attempts: u32,
    /// The longest wait for another deployer to finish.
    pub wait: Duration,
    /// The longest wait for a server that is gone to come back.
    pub patience: Duration,
    /// The fingerprint that the database must have, of a plan that was made earlier.
    pub expect: Option<String>,
    /// The last version to apply.
    pub to: Option<String>,
    /// What is there already is recorded, and nothing is run.
    pub baseline: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            allow: BTreeSet::new(),
            lock_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(300),
            attempts: 8,
            wait: Duration::from_secs(60),
            patience: Duration::from_secs(60),
            expect: None,
            to: None,
            baseline: false,
        }
    }
}
