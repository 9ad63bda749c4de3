//! Drift: how a live database differs from what its migrations make, found without writing to it.
//!
//! What it should hold is built in a throw-away database of the same major version and read back: both sides are then in PostgreSQL's own words,
//! so expressions and bodies count, and nothing that is the same looks different.

mod converge;
mod differences;
mod expected;
mod kept;
mod lacking;
mod options;
mod reading;
mod remedy;
pub mod report;
mod unmodelled;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Client;

use super::deploy::checks::{self, Server};
use super::deploy::connection::Connection;
use super::deploy::history::{self, History};
use super::deploy::migration::{Migration, Script, System};
use super::deploy::verify::{self, Verification};
use super::deploy::{Allow, Stop};
use super::introspect::{self, BEGIN};
use super::server::Target;
use super::snapshot::{self, Line};
use crate::catalog::{Catalog, Id, Kind, QualifiedName};
use crate::emit;
use crate::resolve::Resolution;
use crate::source::Sources;

pub use converge::{Convergence, converge, goal};
pub use expected::Expected;
pub use kept::Kept;
pub use reading::Reading;

/// What was done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Added,
    Changed,
    Removed,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drift {
    pub what: What,
    pub object: String,
    /// Of a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// `file:line` of the spec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// SQL that brings the database back; empty where it takes more than that, or where that of the attribute before mends this one too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mend: Vec<String>,
    /// What to write into the spec instead, where the database is right.
    pub adopt: String,
    /// Whether it is an object by itself beside ours, in a schema that we share with others.
    pub of_others: bool,
    /// Whether it is something that the Catalog has no word for.
    #[serde(skip)]
    pub unmodelled: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    pub place: String,
    pub server: Server,
    /// Objects that were compared.
    pub compared: usize,
    pub drifts: Vec<Drift>,
    /// Checks of what is not compared, and fails.
    pub verification: Verification,
    /// What is wrong with history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Stop>,
    /// Migrations that are not applied yet: what they make is not missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
}

impl Verdict {
    /// Whether the database is as it should be.
    pub fn is_fine(&self) -> bool {
        self.drifts.is_empty() && self.verification.failures.is_empty() && self.history.is_none()
    }
}

/// What a database holds.
#[derive(Debug, Clone, Default)]
struct Held {
    catalog: Catalog,
    /// What the Catalog has no word for.
    lines: BTreeSet<Line>,
    /// Sequences that go with a column, and the column.
    owned: BTreeMap<Id, Id>,
}

/// Sequences that belong to a column without being its identity: those of `serial`.
const OWNED: &str = "select sn.nspname, s.relname, tn.nspname, t.relname, a.attname
    from pg_depend d
    join pg_class s on s.oid = d.objid and s.relkind = 'S'
    join pg_namespace sn on sn.oid = s.relnamespace
    join pg_class t on t.oid = d.refobjid
    join pg_namespace tn on tn.oid = t.relnamespace
    join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype = 'a'";

async fn owned(client: &Client) -> Result<BTreeMap<Id, Id>, Stop> {
    let rows = client.query(OWNED, &[]).await.map_err(Stop::query("read which sequences belong to columns"))?;
    let text =
        |row: &tokio_postgres::Row, place: usize| row.try_get::<_, String>(place).map_err(Stop::query("read which sequences belong to columns"));
    let mut owned = BTreeMap::new();
    for row in &rows {
        let sequence = QualifiedName::new(text(row, 0)?, text(row, 1)?);
        let table = QualifiedName::new(text(row, 2)?, text(row, 3)?);
        owned.insert(Id::of(Kind::Sequence, &sequence), Id::part(Kind::Column, &table, &text(row, 4)?));
    }
    Ok(owned)
}

async fn held(client: &Client) -> Result<Held, Stop> {
    client.batch_execute(BEGIN).await.map_err(Stop::query("begin to read the database"))?;
    let catalog = introspect::read(client, None).await;
    let lines = snapshot::objects(client).await;
    let owned = owned(client).await;
    client.batch_execute("rollback").await.map_err(Stop::query("end reading the database"))?;
    Ok(Held { catalog: catalog?, lines: lines?, owned: owned? })
}

/// What verification is about.
pub struct Subject<'s> {
    pub system: &'s System,
    pub resolution: &'s Resolution,
    pub sources: &'s Sources,
    /// Rows of others in history, and objects of others in shared schemas, are no drift.
    pub with_others: bool,
    /// Nothing was deployed yet: the database is taken to have all migrations, whatever history says.
    pub baseline: bool,
}

/// What the live database was found to be, before anything is built to compare it with.
pub struct Seen {
    pub server: Server,
    place: String,
    history: History,
    history_stop: Option<Stop>,
    held: Held,
    verification: Verification,
    baseline: bool,
}

impl Seen {
    /// The versions that it is taken to have.
    pub fn applied(&self, system: &System) -> Vec<String> {
        system.migrations.iter().filter(|migration| self.is_there(migration)).map(|migration| migration.version.clone()).collect()
    }

    /// Whether a migration is applied. A history without rows says nothing: whoever has run the files by hand has run all of them.
    fn is_there(&self, migration: &Migration) -> bool {
        self.baseline || self.history.rows.is_empty() || self.history.row(&migration.version).is_some()
    }
}

/// Reads the live database. Nothing is written: the session is read-only.
///
/// # Errors
/// Where it cannot be reached or read.
pub async fn look(connection: &Connection, subject: &Subject<'_>) -> Result<Seen, Stop> {
    look_beside(Reading::begin(connection), subject).await
}

/// As [`look`], where reading has begun: history and the checks are looked at on a session of their own.
///
/// # Errors
/// As [`look`].
pub async fn look_beside(reading: Reading, subject: &Subject<'_>) -> Result<Seen, Stop> {
    let connection = reading.connection.clone();
    let (session, reading) = match reading::open(&connection).await? {
        Some(session) => (session, reading),
        // There may be room for one session alone: this one waits for the other.
        None => {
            let reading = reading.waited();
            (reading::wait(&connection).await?, reading)
        }
    };
    let client = &session.client;
    let server = checks::identity(client).await?;
    client.batch_execute("set default_transaction_read_only = on").await.map_err(Stop::query("make the session read-only"))?;
    let history = history::read(client).await?;
    let allowed = if subject.with_others || subject.baseline { [Allow::ForeignHistory].into() } else { BTreeSet::new() };
    let history_stop = history::check(&history, &subject.system.migrations, &allowed).err();
    let all = |history: &History| subject.system.migrations.iter().all(|migration| history.row(&migration.version).is_some());
    // As [`Seen::is_there`] takes it.
    let verification = if subject.baseline || history.rows.is_empty() || all(&history) {
        // All else is compared: asked once more, it would take longer than reading the database.
        let beside = Script { path: emit::verification::WHOLE.to_owned(), text: emit::verification::beside_catalogs(subject.resolution) };
        verify::run(client, &[&beside]).await
    } else {
        verify::run(client, &verify::scripts(subject.system, &history)).await
    };
    session.close().await;
    let held = reading.held(&history).await?;
    Ok(Seen { server, place: connection.place, history, history_stop, held, verification, baseline: subject.baseline })
}

/// Builds what the database should hold, on a throw-away database of its major version.
///
/// # Errors
/// Where that cannot be built.
pub async fn build(seen: &Seen, target: &Target, subject: &Subject<'_>) -> Result<Expected, Stop> {
    lacking::check(subject, seen.server.major)?;
    let there: Vec<&Migration> = subject.system.migrations.iter().filter(|migration| seen.is_there(migration)).collect();
    expected::build(target, subject, &there).await
}

/// Compares what was seen with what was built.
pub fn compare(seen: Seen, expected: &Expected, subject: &Subject<'_>) -> Verdict {
    let drifts = differences::find(expected, &seen.held, subject);
    let pending =
        subject.system.migrations.iter().filter(|migration| !seen.is_there(migration)).map(|migration| migration.file.path.clone()).collect();
    let mut verification = seen.verification;
    let told: Vec<&str> = drifts.iter().map(|drift| drift.object.as_str()).collect();
    verification.failures.retain(|failure| !told.iter().any(|object| failure.contains(object)));
    Verdict {
        place: seen.place,
        server: seen.server,
        compared: expected.own.len() + expected.lines.len(),
        drifts,
        verification,
        history: seen.history_stop,
        pending,
    }
}
