//! What a database holds, as one number: taken when a plan is made, and again before anything is changed.

use tokio_postgres::Client;

use super::Stop;
use super::history::History;
use crate::catalog::Kind;
use crate::hash::sha256;
use crate::live::introspect::{BEGIN, COMMON};
use crate::live::joined;

/// Of all objects that PostgreSQL can be asked for, as it describes them, and of history.
///
/// # Errors
/// Where the database cannot be read.
pub async fn fingerprint(client: &Client, history: &History) -> Result<String, Stop> {
    client.batch_execute(BEGIN).await.map_err(Stop::query("begin to read the database"))?;
    let read = read(client).await;
    let end = if read.is_ok() { "commit" } else { "rollback" };
    client.batch_execute(end).await.map_err(Stop::query("end reading the database"))?;
    let mut lines = read?;
    lines.sort_unstable();
    lines.extend(history.rows.iter().map(|row| format!("history {row:?}")));
    Ok(sha256(lines.join("\n").as_bytes()))
}

async fn read(client: &Client) -> Result<Vec<String>, Stop> {
    // The table of history is made on the way; its rows count.
    let schemas = "select nspname::text from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'supabase_migrations')";
    let doing = "read the database";
    let schemas = client.query(schemas, &[]).await.map_err(Stop::query(doing))?;
    let schemas: Vec<String> = schemas.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(Stop::query(doing))?;
    let kinds = Kind::ALL.iter().copied().filter(|kind| !kind.introspection().is_empty());
    let lists = joined::all(kinds.map(|kind| {
        let (sql, schemas) = (format!("{COMMON}select q.payload::text from (\n{}\n) q", kind.introspection()), Some(&schemas));
        async move { (kind, client.query(&sql, &[&schemas]).await) }
    }))
    .await;
    let mut lines = Vec::new();
    for (kind, rows) in lists {
        for row in rows.map_err(Stop::query(doing))? {
            let payload: String = row.try_get(0).map_err(Stop::query(doing))?;
            lines.push(format!("{} {payload}", kind.word()));
        }
    }
    Ok(lines)
}
