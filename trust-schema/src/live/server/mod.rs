//! A PostgreSQL server to prove things on: found on the machine, or brought, and run as a throw-away cluster.
//!
//! [`find`] looks, in this order, at a URL that was given, at the server binaries on the machine, at the program's own
//! cache, and at last installs a pinned package. What it finds is always a real PostgreSQL server; where there is none it
//! fails and says what to type. [`Target`] hides whether the databases are made in a [`Cluster`] of ours or on the server
//! behind a URL.

mod account;
mod cluster;
mod connect;
mod directory;
mod discover;
mod environment;
mod error;
mod hint;
mod install;
mod packages;
mod places;
mod process;
mod scratch;
mod supabase;
mod target;
mod unpack;

use std::fmt;
use std::path::PathBuf;

pub use account::Account;
pub(crate) use account::effective_user;
pub use cluster::Cluster;
pub use connect::{connect, parse_url};
pub use discover::{Found, Installing, Request, find, installed, installed_majors};
pub use environment::Environment;
pub use error::Error;
pub use install::{Source, install};
pub use packages::{Package, package};
pub use scratch::Scratch;
pub(crate) use supabase::EMULATIONS;
pub use supabase::{API_ROLES, AUTHENTICATOR, DEPLOYER, Regime, prepare_supabase};
pub use target::{Platform, Target, UrlServer};

/// The oldest major version that emission and tests cover.
pub const OLDEST_MAJOR: u32 = 15;
/// The oldest major version that is read: databases of it are inventoried, compared and linted, and nothing is deployed to them.
pub const OLDEST_READ_MAJOR: u32 = 14;
/// The newest major version that emission and tests cover.
pub const NEWEST_MAJOR: u32 = 18;
/// The major version that is installed where none is asked for.
pub const DEFAULT_MAJOR: u32 = 17;

/// The server binaries of one PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The major version, such as 17.
    pub major: u32,
    /// The version as `postgres --version` prints it, such as `17.10`.
    pub version: String,
    /// The directory that holds `initdb` and `postgres`.
    pub binaries: PathBuf,
    /// How it was found.
    pub origin: Origin,
}

/// Where server binaries were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Named by `TRUST_SCHEMA_PG_BIN`.
    Variable,
    /// Named by `pg_config --bindir`.
    PgConfig,
    /// A directory of `PATH`.
    Path,
    /// One of the places where systems put servers without putting them in `PATH`.
    UsualPlace,
    /// The program's own cache, filled by `trust-schema pg install`.
    Cache,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Variable => "TRUST_SCHEMA_PG_BIN",
            Self::PgConfig => "pg_config",
            Self::Path => "PATH",
            Self::UsualPlace => "the usual places",
            Self::Cache => "the cache",
        })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PostgreSQL {} in {} (found through {})", self.version, self.binaries.display(), self.origin)
    }
}
