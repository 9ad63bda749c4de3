//! The journal of migrations that do not fit into one transaction: which of their steps are done. It is a table beside the history, made where
//! it is needed, and empty again when the migration is recorded.

use std::ops::Range;

use tokio_postgres::Client;

use super::Stop;
use super::migration::Migration;
use super::script::{Alone, Manner, Statement, essence};
use crate::hash::sha256;

const TABLE: &str = "supabase_migrations.trust_schema_journal";

/// A part of a migration that is done as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'m> {
    /// Statements in one transaction.
    Together(&'m [Statement]),
    /// A statement by itself.
    Alone(&'m Statement, &'m Alone),
}

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub step: i32,
    pub sha256: String,
    pub done: bool,
}

/// The steps of a migration, in their order.
pub fn steps(migration: &Migration) -> Vec<Step<'_>> {
    let all = migration.statements.as_slice();
    let mut steps = Vec::new();
    let mut start = 0;
    for (position, statement) in all.iter().enumerate() {
        if let Manner::Alone(alone) = &statement.manner {
            steps.extend(together(all, start..position));
            steps.push(Step::Alone(statement, alone));
            start = position + 1;
        }
    }
    steps.extend(together(all, start..all.len()));
    steps
}

fn together(all: &[Statement], range: Range<usize>) -> Option<Step<'_>> {
    all.get(range).filter(|part| !part.is_empty()).map(Step::Together)
}

/// What a step is, as one number.
pub fn digest(step: &Step<'_>) -> String {
    let text = match step {
        Step::Together(statements) => statements.iter().map(|statement| essence(&statement.text)).collect::<Vec<_>>().join("\n"),
        Step::Alone(statement, _) => essence(&statement.text),
    };
    sha256(text.as_bytes())
}

/// The steps that are done or begun. Where there is no journal, none is.
///
/// # Errors
/// What the server says; [`Stop`] `journal-differs` where the file is not the one that was begun.
pub async fn read(client: &Client, migration: &Migration) -> Result<Vec<Entry>, Stop> {
    let doing = "read the journal";
    let there = client.query_one("select to_regclass($1) is not null", &[&TABLE]).await.map_err(Stop::query(doing))?;
    if !there.try_get::<_, bool>(0).map_err(Stop::query(doing))? {
        return Ok(Vec::new());
    }
    let sql = format!("select step, sha256, state = 'done' from {TABLE} where version = $1 order by step");
    let rows = client.query(&sql, &[&migration.version]).await.map_err(Stop::query(doing))?;
    let entry = |row: &tokio_postgres::Row| Ok(Entry { step: row.try_get(0)?, sha256: row.try_get(1)?, done: row.try_get(2)? });
    let entries: Vec<Entry> = rows.iter().map(entry).collect::<Result<_, _>>().map_err(Stop::query(doing))?;
    let steps = steps(migration);
    for (position, entry) in entries.iter().enumerate() {
        let step = steps.get(position).filter(|_| usize::try_from(entry.step) == Ok(position));
        if step.map(digest).as_ref() != Some(&entry.sha256) {
            return Err(Stop::new(
                "journal-differs",
                format!("`{}` was begun, and its step {} is not what it was then", migration.file.path, entry.step + 1),
            )
            .help("bring the file back as it was when it was begun, and apply the rest of it first"));
        }
    }
    Ok(entries)
}

/// Makes the table.
pub(super) async fn create(client: &Client) -> Result<(), tokio_postgres::Error> {
    let sql = format!(
        "create table if not exists {TABLE} (version text not null, step int not null, sha256 text not null, \
         state text not null check (state in ('started', 'done')), at timestamptz not null default clock_timestamp(), primary key (version, step))"
    );
    client.batch_execute(&sql).await
}

/// Notes a step; within the transaction of the caller, if there is one.
pub(super) async fn note(client: &Client, migration: &Migration, step: usize, sha256: &str, done: bool) -> Result<(), tokio_postgres::Error> {
    let sql = format!(
        "insert into {TABLE} (version, step, sha256, state) values ($1, $2, $3, $4) \
         on conflict (version, step) do update set state = excluded.state, at = clock_timestamp()"
    );
    let step = i32::try_from(step).unwrap_or(i32::MAX);
    client.execute(&sql, &[&migration.version, &step, &sha256, &if done { "done" } else { "started" }]).await.map(drop)
}

/// Takes a migration's rows away, within the transaction that records it.
pub(super) async fn forget(client: &Client, migration: &Migration) -> Result<(), tokio_postgres::Error> {
    client.execute(&format!("delete from {TABLE} where version = $1"), &[&migration.version]).await.map(drop)
}
