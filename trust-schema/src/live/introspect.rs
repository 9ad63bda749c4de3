//! From a live database to the Catalog.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::{Error, joined};
use crate::catalog::{Catalog, Kind, Object};

/// Stands in front of every query of a kind.
pub(super) const COMMON: &str = include_str!("introspect.sql");

/// What a read-only look at one state of the database begins with. Names print with their schema, constants print the same whatever the
/// session's settings; JIT compilation costs more than these queries.
pub(super) const BEGIN: &str = "begin isolation level repeatable read read only; \
     set local search_path = pg_catalog; set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; set local intervalstyle = postgres; \
     set local bytea_output = hex; set local extra_float_digits = 1; set local quote_all_identifiers = off; \
     set local standard_conforming_strings = on; set local lc_monetary = 'C'; set local jit = off";

/// Reads the objects of these schemas, or of all but the system's. Extensions are listed wherever they lie; what belongs to one is not.
///
/// Everything is read from one state of the database. The client must not be in a transaction; where the future is dropped before its end,
/// or fails, the transaction is left to be ended by whoever uses the client next.
///
/// # Errors
/// [`Error::Query`], [`Error::Payload`], [`Error::Duplicate`].
pub async fn introspect(client: &Client, schemas: Option<&[String]>) -> Result<Catalog, Error> {
    client.batch_execute(BEGIN).await.map_err(Error::query("begin to read the database"))?;
    let read = read(client, schemas).await;
    let end = if read.is_ok() { "commit" } else { "rollback" };
    client.batch_execute(end).await.map_err(Error::query("end reading the database"))?;
    read
}

/// As [`introspect`], within the transaction of the caller.
pub(super) async fn read(client: &Client, schemas: Option<&[String]>) -> Result<Catalog, Error> {
    let kinds = Kind::ALL.iter().copied().filter(|kind| !kind.introspection().is_empty());
    let lists = joined::all(kinds.map(|kind| objects(client, kind, schemas))).await;
    let mut catalog = Catalog::default();
    for list in lists {
        for object in list? {
            catalog.insert(object, BTreeSet::new()).map_err(|id| Error::Duplicate { id })?;
        }
    }
    Ok(catalog)
}

async fn objects(client: &Client, kind: Kind, schemas: Option<&[String]>) -> Result<Vec<Object>, Error> {
    let sql = format!("{COMMON}select q.payload::text from (\n{}\n) q", kind.introspection());
    let doing = || format!("read objects of kind {}", kind.word());
    let rows = client.query(&sql, &[&schemas]).await.map_err(Error::query(doing()))?;
    let object = |row: &tokio_postgres::Row| {
        let payload: String = row.try_get(0).map_err(Error::query(doing()))?;
        let value = serde_json::from_str(&payload).and_then(|value| kind.from_payload(value));
        value.map_err(|source| Error::Payload { kind, payload, source })
    };
    rows.iter().map(object).collect()
}
