//! The history of a database, in the layout of the Supabase CLI: `supabase_migrations.schema_migrations` with the columns `version`,
//! `statements` and `name`. Either tool can go on where the other stopped.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use super::migration::Migration;
use super::script::essence;
use super::{Allow, Stop};

/// The statements with which the Supabase CLI makes its table.
pub(super) const CREATE: [&str; 4] = [
    "CREATE SCHEMA IF NOT EXISTS supabase_migrations",
    "CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY)",
    "ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[]",
    "ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text",
];

/// A row of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub version: String,
    pub name: Option<String>,
    /// Not kept by old versions of the Supabase CLI.
    pub statements: Option<Vec<String>>,
}

/// What is known of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Whether the table is there with all its columns.
    pub complete: bool,
    /// In the order of versions.
    pub rows: Vec<Recorded>,
}

impl History {
    /// The row of a version.
    pub fn row(&self, version: &str) -> Option<&Recorded> {
        self.rows.iter().find(|row| row.version == version)
    }
}

/// Reads it. Nothing is created.
///
/// # Errors
/// [`Stop`] where the table is not what the Supabase CLI makes, or may not be read.
pub async fn read(client: &Client) -> Result<History, Stop> {
    let doing = "read the history";
    // Not by a cast of the name: that asks for privileges on the schema.
    // Types by their numbers: how names print depends on the session.
    let sql = "select a.attname::text, case a.atttypid when 'pg_catalog.text'::regtype then 'text' when 'pg_catalog.text[]'::regtype then 'text[]' else 'other' end, has_table_privilege(c.oid, 'select'), has_schema_privilege(n.oid, 'usage')
               from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               where n.nspname = 'supabase_migrations' and c.relname = 'schema_migrations'";
    let rows = client.query(sql, &[]).await.map_err(Stop::query(doing))?;
    let mut columns: BTreeMap<String, String> = BTreeMap::new();
    for row in &rows {
        columns.insert(row.try_get(0).map_err(Stop::query(doing))?, row.try_get(1).map_err(Stop::query(doing))?);
        let (table, schema): (bool, bool) = (row.try_get(2).map_err(Stop::query(doing))?, row.try_get(3).map_err(Stop::query(doing))?);
        if !table || !schema {
            return Err(Stop::new("missing-privilege", "the history, `supabase_migrations.schema_migrations`, may not be read by this role")
                .help("connect as the role that deploys (on Supabase: postgres)"));
        }
    }
    if columns.is_empty() {
        return Ok(History { complete: false, rows: Vec::new() });
    }
    let of = |name: &str| columns.get(name).map(String::as_str);
    let known = of("version") == Some("text") && [None, Some("text[]")].contains(&of("statements")) && [None, Some("text")].contains(&of("name"));
    if !known {
        return Err(Stop::new("odd-history", "`supabase_migrations.schema_migrations` is not the table that the Supabase CLI makes")
            .help("it should be (version text primary key, statements text[], name text)"));
    }
    let complete = of("statements").is_some() && of("name").is_some();
    let (statements, name) =
        (if of("statements").is_some() { "statements" } else { "null::text[]" }, if of("name").is_some() { "name" } else { "null::text" });
    let sql = format!("select version, {name}, {statements} from supabase_migrations.schema_migrations order by version collate \"C\"");
    let rows = client.query(&sql, &[]).await.map_err(Stop::query(doing))?;
    let recorded = |row: &tokio_postgres::Row| {
        Ok(Recorded {
            version: row.try_get(0)?,
            name: row.try_get(1)?,
            statements: row.try_get::<_, Option<Vec<Option<String>>>>(2)?.map(|all| all.into_iter().flatten().collect()),
        })
    };
    let rows = rows.iter().map(recorded).collect::<Result<_, _>>().map_err(Stop::query(doing))?;
    Ok(History { complete, rows })
}

/// Compares history with the files.
///
/// # Errors
/// [`Stop`] where history was tampered with, or the files were; where a file is missing, comes late, or history is of somebody else.
pub fn check(history: &History, migrations: &[Migration], allowed: &std::collections::BTreeSet<Allow>) -> Result<Vec<String>, Stop> {
    let mut notes = Vec::new();
    let mut foreign = Vec::new();
    for row in &history.rows {
        match migrations.iter().find(|migration| migration.version == row.version) {
            None => foreign.push(format!("{}{}", row.version, row.name.as_deref().map(|name| format!("_{name}")).unwrap_or_default())),
            Some(migration) => notes.extend(same(row, migration)?),
        }
    }
    if !foreign.is_empty() {
        let list = foreign.join(", ");
        if !allowed.contains(&Allow::ForeignHistory) {
            return Err(Stop::new("foreign-history", format!("the history holds what no file here is: {list}")).help(
                "is this the right database? If files were lost, bring them back. If others deploy into it too, `--allow foreign-history` leaves their rows alone",
            ));
        }
        notes.push(format!("in history and not of this project: {list}"));
    }
    let last = migrations.iter().rev().find(|migration| history.row(&migration.version).is_some());
    let late: Vec<&str> = migrations
        .iter()
        .filter(|migration| last.is_some_and(|last| migration.version < last.version) && history.row(&migration.version).is_none())
        .map(|migration| migration.file.path.as_str())
        .collect();
    if let (Some(last), false) = (last, late.is_empty()) {
        return Err(Stop::new(
            "out-of-order",
            format!("{} was applied already, and these, which come before it, were not: {}", last.file.path, late.join(", ")),
        )
        .help("give them versions that come after it: what was applied first must not depend on the order of branches. If they were rolled back by hand, so must be what follows them"));
    }
    Ok(notes)
}

fn same(row: &Recorded, migration: &Migration) -> Result<Option<String>, Stop> {
    if let Some(name) = row.name.as_deref().filter(|name| !name.is_empty() && *name != migration.name) {
        return Err(Stop::new(
            "history-tampered",
            format!("version {} was applied as `{name}`, and the file is `{}`", row.version, migration.file.path),
        )
        .help("one version is one migration: give the new file a new version, and bring the old one back"));
    }
    let Some(statements) = row.statements.as_ref().filter(|statements| !statements.is_empty()) else {
        return Ok(Some(format!("{} is recorded without its statements: nothing can be said about what was applied", row.version)));
    };
    if essence(&statements.join(";\n")) == essence(&migration.file.text) {
        return Ok(None);
    }
    let texts: Vec<String> = migration.statements.iter().map(|statement| essence(&statement.text)).collect();
    let first = statements.iter().map(|statement| essence(statement)).zip(texts.iter()).position(|(recorded, file)| recorded != *file);
    let number = first.unwrap_or(statements.len().min(texts.len())) + 1;
    Err(Stop {
        place: migration
            .statements
            .get(number - 1)
            .map(|statement| Box::new(super::script::place(&migration.file.path, &migration.file.text, statement.range.start))),
        ..Stop::new(
            "history-tampered",
            format!("`{}` is not what was applied as version {}: they differ from statement {number} on", migration.file.path, row.version),
        )
    }
    .help("an applied migration is never edited: bring the file back as it was, and put the change into a new migration"))
}

/// Records a migration, within the transaction of the caller.
pub(super) async fn insert(client: &Client, migration: &Migration) -> Result<(), tokio_postgres::Error> {
    let statements: Vec<&str> = migration.statements.iter().map(|statement| statement.text.as_str()).collect();
    let sql = "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)";
    client.execute(sql, &[&migration.version, &migration.name, &statements]).await.map(drop)
}

/// Whether a migration is recorded, and as what it is now.
pub(super) async fn is_recorded(client: &Client, migration: &Migration) -> Result<bool, Stop> {
    match read(client).await?.row(&migration.version) {
        Some(row) => same(row, migration).map(|_| true),
        None => Ok(false),
    }
}
