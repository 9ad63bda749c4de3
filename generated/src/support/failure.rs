//! What the enum of declared errors is made of.

use std::fmt;

/// An error that the spec declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredError {
    /// Its name, which is the message that PostgreSQL reports.
    pub name: &'static str,
    /// Its SQLSTATE.
    pub sqlstate: &'static str,
    /// The HTTP status that PostgREST answers with.
    pub status: u16,
}

/// What the database said beyond the error's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raised {
    /// The DETAIL of the error.
    pub detail: Option<String>,
    /// The HINT of the error.
    pub hint: Option<String>,
    /// The stack of functions that it was raised in.
    pub context: Option<String>,
}

impl Raised {
    /// Writes the name of the error, and the detail if there is one.
    ///
    /// # Errors
    /// As the formatter does.
    pub fn describe(&self, name: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) => write!(formatter, "{name}: {detail}"),
            None => formatter.write_str(name),
        }
    }
}

impl From<&tokio_postgres::error::DbError> for Raised {
    fn from(error: &tokio_postgres::error::DbError) -> Self {
        Raised { detail: error.detail().map(str::to_owned), hint: error.hint().map(str::to_owned), context: error.where_().map(str::to_owned) }
    }
}
