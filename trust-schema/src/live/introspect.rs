//! From a live database to the Catalog.

use std::collections::BTreeSet;
use std::pin::pin;

use futures_util::StreamExt;
use serde_json::Value;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use super::{Error, joined};
use crate::catalog::{Catalog, Kind, Object};
use crate::sql::identifier::quote;

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

/// As [`introspect`], within a transaction of the caller, who sees what it has changed. Its `search_path` must be `pg_catalog`, or names
/// print without their schema.
///
/// # Errors
/// As [`introspect`].
pub async fn read(client: &Client, schemas: Option<&[String]>) -> Result<Catalog, Error> {
    let mut catalog = Catalog::default();
    for object in all(client, schemas).await? {
        catalog.insert(object?, BTreeSet::new()).map_err(|id| Error::Duplicate { id })?;
    }
    Ok(catalog)
}

/// As [`introspect`], but leaves out what it cannot read, and says what that is: for databases that others made.
///
/// # Errors
/// [`Error::Query`].
pub async fn readable(client: &Client, schemas: Option<&[String]>) -> Result<(Catalog, Vec<String>), Error> {
    client.batch_execute(BEGIN).await.map_err(Error::query("begin to read the database"))?;
    let read = readable_now(client, schemas).await;
    let end = if read.is_ok() { "commit" } else { "rollback" };
    client.batch_execute(end).await.map_err(Error::query("end reading the database"))?;
    read
}

/// As [`readable`], within a transaction of the caller.
pub(super) async fn readable_now(client: &Client, schemas: Option<&[String]>) -> Result<(Catalog, Vec<String>), Error> {
    let mut catalog = Catalog::default();
    let mut left_out = Vec::new();
    for object in all(client, schemas).await? {
        match object {
            // Two objects of one identity differ in what the Catalog has no word for.
            Ok(object) => left_out.extend(catalog.insert(object, BTreeSet::new()).err().map(|id| id.to_string())),
            Err(Error::Payload { kind, source, .. }) => left_out.push(format!("{}: {source}", kind.word())),
            Err(error) => return Err(error),
        }
    }
    Ok((catalog, left_out))
}

async fn all(client: &Client, schemas: Option<&[String]>) -> Result<Vec<Result<Object, Error>>, Error> {
    let kinds = Kind::ALL.iter().copied().filter(|kind| !kind.introspection().is_empty());
    let lists = joined::all(kinds.map(|kind| objects(client, kind, schemas))).await;
    let mut all = Vec::new();
    for list in lists {
        all.extend(list?);
    }
    Ok(all)
}

async fn objects(client: &Client, kind: Kind, schemas: Option<&[String]>) -> Result<Vec<Result<Object, Error>>, Error> {
    let sql = format!("{COMMON}select q.payload::text from (\n{}\n) q", kind.introspection());
    let doing = || format!("read objects of kind {}", kind.word());
    let object = |row: &tokio_postgres::Row| {
        let payload: String = row.try_get(0).map_err(Error::query(doing()))?;
        let value = serde_json::from_str(&payload).and_then(|mut value: Value| {
            if let Some(Value::String(target)) = value.get_mut("target") {
                *target = requoted(target);
            }
            kind.from_payload(value)
        });
        value.map_err(|source| Error::Payload { kind, payload, source })
    };
    // Row by row: the texts of a large database are never held at once.
    let parameters: [&(dyn ToSql + Sync); 1] = [&schemas];
    let mut rows = pin!(client.query_raw(&sql, parameters).await.map_err(Error::query(doing()))?);
    let mut found = Vec::new();
    while let Some(row) = rows.next().await {
        found.push(object(&row.map_err(Error::query(doing()))?));
    }
    Ok(found)
}

/// An identity as ours are written. Which names are key words, and so are quoted, differs between versions of PostgreSQL.
pub(super) fn requoted(target: &str) -> String {
    let word = Kind::ALL.iter().map(|kind| kind.word()).filter(|word| target.starts_with(word)).max_by_key(|word| word.len()).unwrap_or_default();
    let (kind, name) = target.split_at(word.len());
    let name = name.strip_prefix(' ').unwrap_or(name);
    let mut text = format!("{kind} ");
    let mut part = String::new();
    let mut quoted = false;
    let mut rest = name.char_indices().peekable();
    while let Some((offset, character)) = rest.next() {
        match character {
            '"' if quoted && rest.next_if(|(_, next)| *next == '"').is_some() => part.push('"'),
            '"' => quoted = !quoted,
            '.' if !quoted => {
                text.push_str(&quote(&std::mem::take(&mut part)));
                text.push('.');
            }
            // The types of arguments are PostgreSQL's own text.
            '(' if !quoted => {
                text.push_str(&quote(&part));
                text.push_str(name.get(offset..).unwrap_or_default());
                return text;
            }
            character => part.push(character),
        }
    }
    text.push_str(&quote(&part));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_quoted_as_identities_are() {
        for (printed, written) in [
            ("table public.system_user", "table public.\"system_user\""),
            ("column public.t.\"system_user\"", "column public.t.\"system_user\""),
            ("check constraint public.t.\"a.\"\"b\"", "check constraint public.t.\"a.\"\"b\""),
            ("function \"A(b\".system_user(text, public.\"T\")", "function \"A(b\".\"system_user\"(text, public.\"T\")"),
            ("composite type public.t", "composite type public.t"),
            ("schema \"Back Room\"", "schema \"Back Room\""),
        ] {
            assert_eq!(requoted(printed), written);
        }
    }
}
