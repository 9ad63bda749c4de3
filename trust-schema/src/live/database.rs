//! Reads what a database holds besides the Catalog.

use tokio_postgres::Client;

use super::Error;
use super::introspect::COMMON;
use crate::lint::database::Database;

const FACTS: &str = include_str!("database.sql");

/// Reads it. The client's `search_path` must be `pg_catalog`.
///
/// # Errors
/// [`Error::Query`].
pub async fn read(client: &Client) -> Result<Database, Error> {
    let schemas: Option<Vec<String>> = None;
    let doing = || Error::query("read roles, publications and relations of other kinds");
    let row = client.query_one(&format!("{COMMON}{FACTS}"), &[&schemas]).await.map_err(doing())?;
    let payload: String = row.try_get(0).map_err(doing())?;
    serde_json::from_str(&payload).map_err(|source| Error::Facts { source })
}
