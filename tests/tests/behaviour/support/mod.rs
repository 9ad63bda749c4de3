//! What all cases share: where a case runs, its database, the people in it, and the record of what was called.

mod record;
mod request;
mod session;
mod world;

pub use record::{Outcome, record, recorded};
pub use request::{Statement, Table};
pub use session::{Session, Turn};
pub use world::{ADMIN, GHOST, GUEST, MEMBER, OWNER, SERVICE, STRANGER, Team, World, only};

use std::fmt;

use trust_schema::live::server::Regime;

/// A server version and a regime: every case runs in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The major version of PostgreSQL.
    pub major: u32,
    /// How Supabase grants.
    pub regime: Regime,
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.major, self.regime)
    }
}

/// The name of a declared error, or the SQLSTATE of any other.
pub fn name_of(error: &trust_lite::Error) -> String {
    match error {
        trust_lite::Error::Database(error) => match error.code() {
            Some(state) => state.code().to_owned(),
            None => panic!("the connection failed: {error:?}"),
        },
        declared => declared.declared().map_or_else(|| format!("{declared}"), |declared| declared.name.to_owned()),
    }
}
