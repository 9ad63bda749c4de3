//! A fingerprint of everything that the Catalog does not model, and the number of rows of every table: two of them, compared, show what was
//! left behind.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

use super::introspect::{BEGIN, COMMON};
use super::{Error, joined};

pub(super) const OBJECTS: &str = include_str!("snapshot/objects.sql");
const GLOBALS: &str = include_str!("snapshot/globals.sql");

/// Tables that hold rows: partitioned ones hold none of their own.
const TABLES: &str = "select 'rows', c.oid::regclass::text, null from schemas s join pg_class c on c.relnamespace = s.oid and c.relkind = 'r'";

/// Something about a database: what kind of thing, its name, and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    pub class: String,
    pub name: String,
    pub detail: String,
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.class, self.name)?;
        if self.detail.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.detail) }
    }
}

/// The fingerprint: sorted lines. It holds no object identifiers, so what was dropped and created again looks the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Snapshot {
    pub lines: BTreeSet<Line>,
}

impl Snapshot {
    /// Lines of `self` that `later` lacks, and lines that only `later` has.
    pub fn changes<'s>(&'s self, later: &'s Snapshot) -> (Vec<&'s Line>, Vec<&'s Line>) {
        (self.lines.difference(&later.lines).collect(), later.lines.difference(&self.lines).collect())
    }
}

/// Takes the fingerprint of a database. The client must not be in a transaction, and should be a superuser: others do not see every row,
/// and not every option.
///
/// # Errors
/// [`Error::Query`].
pub async fn snapshot(client: &Client) -> Result<Snapshot, Error> {
    client.batch_execute(BEGIN).await.map_err(Error::query("begin to read the database"))?;
    let read = read(client).await;
    let end = if read.is_ok() { "commit" } else { "rollback" };
    client.batch_execute(end).await.map_err(Error::query("end reading the database"))?;
    read
}

/// As [`snapshot`], within the transaction of the caller.
pub(super) async fn read(client: &Client) -> Result<Snapshot, Error> {
    let mut results = joined::all([OBJECTS, GLOBALS, TABLES].map(|sql| lines(client, sql))).await.into_iter();
    let (Some(objects), Some(globals), Some(tables)) = (results.next(), results.next(), results.next()) else {
        return Ok(Snapshot::default());
    };
    let mut lines: BTreeSet<Line> = objects?.into_iter().chain(globals?).collect();
    lines.extend(rows(client, tables?).await?);
    Ok(Snapshot { lines })
}

/// What the Catalog does not model, without rows: what everybody may read. Within the transaction of the caller.
pub(super) async fn objects(client: &Client) -> Result<BTreeSet<Line>, Error> {
    Ok(lines(client, OBJECTS).await?.into_iter().collect())
}

/// The number of rows of each table, in one statement. The names come from the server, quoted.
async fn rows(client: &Client, tables: Vec<Line>) -> Result<Vec<Line>, Error> {
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let counts: Vec<String> = tables.iter().map(|table| format!("(select count(*) from {})", table.name)).collect();
    let sql = format!("select array[{}]", counts.join(", "));
    let doing = "count the rows of every table";
    let row = client.query_one(&sql, &[]).await.map_err(Error::query(doing))?;
    let counts: Vec<i64> = row.try_get(0).map_err(Error::query(doing))?;
    Ok(tables.into_iter().zip(counts).map(|(table, count)| Line { detail: count.to_string(), ..table }).collect())
}

async fn lines(client: &Client, sql: &str) -> Result<Vec<Line>, Error> {
    // Every branch may use the parameter of the first part, and none need.
    let sql = format!("{COMMON}select q.class::text, q.name::text, coalesce(q.detail::text, '') from (\n{sql}\n) q (class, name, detail)");
    let doing = "take the fingerprint of the database";
    let none: Option<Vec<String>> = None;
    let rows = client.query(&sql, &[&none]).await.map_err(Error::query(doing))?;
    let line = |row: &tokio_postgres::Row| Ok(Line { class: row.try_get(0)?, name: row.try_get(1)?, detail: row.try_get(2)? });
    rows.iter().map(line).collect::<Result<_, _>>().map_err(Error::query(doing))
}
