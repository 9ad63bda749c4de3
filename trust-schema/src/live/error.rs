//! What can go wrong while a database is read or a proof is made, besides what the proof is there to find.

use std::fmt;

use crate::catalog::{Id, Kind};

/// Why a database could not be read, or a proof not be made.
#[derive(Debug)]
pub enum Error {
    /// There is no server, or no database on it.
    Server(super::server::Error),
    /// A query of ours failed.
    Query { doing: String, source: tokio_postgres::Error },
    /// What a query returned is not what it should return.
    Payload { kind: Kind, payload: String, source: serde_json::Error },
    /// What is known of a database besides its Catalog does not fit what is read of it.
    Facts { source: serde_json::Error },
    /// A query returned two objects of one identity.
    Duplicate { id: Id },
}

impl Error {
    pub(crate) fn query(doing: impl Into<String>) -> impl FnOnce(tokio_postgres::Error) -> Error {
        let doing = doing.into();
        move |source| Error::Query { doing, source }
    }
}

impl From<super::server::Error> for Error {
    fn from(error: super::server::Error) -> Error {
        Error::Server(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Server(error) => error.fmt(formatter),
            Error::Query { doing, source } => write!(formatter, "could not {doing}: {}", message(source)),
            Error::Payload { kind, payload, source } => {
                write!(formatter, "the database has a {} that cannot be read: {source}\n  {payload}", kind.word())
            }
            Error::Facts { source } => write!(formatter, "the database was read wrongly: {source}"),
            Error::Duplicate { id } => write!(formatter, "the database was read wrongly: {id} came twice"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Server(error) => error.source(),
            Error::Query { source, .. } => Some(source),
            Error::Payload { source, .. } => Some(source),
            Error::Facts { source } => Some(source),
            Error::Duplicate { .. } => None,
        }
    }
}

/// What the server said, or the driver where the server said nothing.
pub(crate) fn message(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => error.to_string(),
    }
}
