//! What would be applied, and whether it may be: everything that is looked at before anything is changed.

use std::collections::BTreeSet;

use serde::Serialize;
use tokio_postgres::Client;

use super::checks::{self, Server};
use super::connection::Connection;
use super::fingerprint::fingerprint;
use super::hazards::{self, Hazard, HazardKind};
use super::history::{self, History};
use super::migration::{Migration, System};
use super::options::{Allow, Options};
use super::{Stop, journal, journey, pooler};

/// What would be applied.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// `user@host:port/database`.
    pub place: String,
    pub server: Server,
    /// Of what the database holds now.
    pub fingerprint: String,
    /// Migrations that history holds.
    pub applied: usize,
    pub pending: Vec<Pending>,
    pub hazards: Vec<Hazard>,
    /// What is worth knowing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    #[serde(skip)]
    pub(super) history: History,
}

/// A migration that would be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub version: String,
    pub name: String,
    pub sha256: String,
    pub statements: usize,
    /// Steps, where it takes more than one transaction.
    pub steps: usize,
    /// Steps that an interrupted run has done already.
    pub done: usize,
}

impl Plan {
    /// What has to be allowed and is not.
    pub fn refused(&self, allowed: &BTreeSet<Allow>) -> BTreeSet<Allow> {
        self.hazards.iter().filter_map(|hazard| hazard.kind.needs()).filter(|needed| !allowed.contains(needed)).collect()
    }

    /// The dangers of one kind.
    pub fn of(&self, kind: HazardKind) -> impl Iterator<Item = &Hazard> {
        self.hazards.iter().filter(move |hazard| hazard.kind == kind)
    }
}

/// The migrations that history lacks, up to the last one that is wanted.
///
/// # Errors
/// [`Stop`] `unknown-version`.
pub fn pending<'s>(system: &'s System, history: &History, options: &Options) -> Result<Vec<&'s Migration>, Stop> {
    if let Some(to) = &options.to
        && !system.migrations.iter().any(|migration| migration.version == *to)
    {
        return Err(Stop::new("unknown-version", format!("no migration has the version {to}"))
            .help(format!("there are {}", versions(&system.migrations.iter().collect::<Vec<_>>()))));
    }
    let wanted = |migration: &&Migration| options.to.as_ref().is_none_or(|to| migration.version <= *to);
    Ok(system.migrations.iter().filter(wanted).filter(|migration| history.row(&migration.version).is_none()).collect())
}

/// Versions for people.
pub(super) fn versions(migrations: &[&Migration]) -> String {
    migrations.iter().map(|migration| migration.version.as_str()).collect::<Vec<_>>().join(", ")
}

/// Connects and looks at everything. Nothing is changed.
///
/// # Errors
/// The first reason why nothing may be applied.
pub async fn plan(connection: &Connection, system: &System, options: &Options) -> Result<Plan, Stop> {
    let session = journey::open(connection).await?;
    let planned = settled(connection, &session.client, system, options).await;
    session.close().await;
    planned
}

/// Looks again where another deployer applied something between two looks: what is there is in history then.
async fn settled(connection: &Connection, client: &Client, system: &System, options: &Options) -> Result<Plan, Stop> {
    let server = arrive(connection, client).await?;
    loop {
        let history = history::read(client).await?;
        match look(connection, client, system, options, &server, &history).await {
            Err(stop) if stop.code == "already-there" && history::read(client).await? != history => {}
            planned => return planned,
        }
    }
}

/// Looks at the connection and the server.
pub(super) async fn arrive(connection: &Connection, client: &Client) -> Result<Server, Stop> {
    pooler::check(connection, client).await?;
    checks::server(client).await
}

async fn look(
    connection: &Connection,
    client: &Client,
    system: &System,
    options: &Options,
    server: &Server,
    history: &History,
) -> Result<Plan, Stop> {
    let mut notes = history::check(history, &system.migrations, &options.allow)?;
    let pending = pending(system, history, options)?;
    let fingerprint = fingerprint(client, history).await?;
    if let Some(expected) = options.expect.as_ref().filter(|expected| **expected != fingerprint) {
        return Err(drifted(&format!(
            "the database is not as it was when the plan was made: its fingerprint is {fingerprint}, and {expected} is expected"
        )));
    }
    checks::platform(client, system, server).await?;
    let mut list = Vec::with_capacity(pending.len());
    let mut fresh = Vec::with_capacity(pending.len());
    for migration in &pending {
        let done = journal::read(client, migration).await?.iter().filter(|entry| entry.done).count();
        if done > 0 {
            notes.push(format!("{} was interrupted after step {done}; the rest of it is applied", migration.file.path));
        } else {
            fresh.push(*migration);
        }
        list.push(Pending {
            version: migration.version.clone(),
            name: migration.name.clone(),
            sha256: migration.sha256.clone(),
            statements: migration.statements.len(),
            steps: journal::steps(migration).len(),
            done,
        });
    }
    // What is only recorded is there, and asks for no right to create it.
    if !options.baseline {
        checks::privileges(client, server, history, &fresh).await?;
    }
    let ours = system.migrations.iter().filter(|migration| history.row(&migration.version).is_some()).count();
    Ok(Plan {
        place: connection.place.clone(),
        server: server.clone(),
        fingerprint,
        applied: ours,
        pending: list,
        hazards: hazards::of(&pending),
        notes,
        history: history.clone(),
    })
}

/// The refusal of a database that was changed behind a plan.
pub(super) fn drifted(message: &str) -> Stop {
    Stop::new("changed-since-plan", message).help("somebody has changed it since; look at the plan again before you apply it")
}
