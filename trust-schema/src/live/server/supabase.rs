//! The emulation of Supabase on a plain server: its roles, its `auth` schema and its default privileges.

use std::fmt;

use tokio_postgres::Client;

use super::Error;
use super::connect::{execute, identifier};

/// What a new object in `public` is granted to the API roles without anybody asking for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Regime {
    /// Everything: projects made before 2026-05-30.
    Legacy,
    /// Next to nothing: newer projects, and since 2026-10-30 the new objects of all projects.
    Hardened,
}

impl Regime {
    /// Both, for tests and proofs that must hold under either.
    pub const ALL: [Self; 2] = [Self::Legacy, Self::Hardened];

    pub(super) fn template(self) -> String {
        format!("supabase_{self}")
    }
}

impl fmt::Display for Regime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Legacy => "legacy",
            Self::Hardened => "hardened",
        })
    }
}

/// The role that stands for the hosted `postgres`: it deploys, it owns, it is no superuser.
pub const DEPLOYER: &str = "sb_postgres";
/// The roles an API request runs as. They cannot log in: PostgREST logs in as [`AUTHENTICATOR`] and changes to them.
pub const API_ROLES: [&str; 3] = ["anon", "authenticated", "service_role"];
/// The role PostgREST logs in as.
pub const AUTHENTICATOR: &str = "authenticator";

const EMULATION: &str = include_str!("../../../fixtures/supabase_emulation.sql");
const HARDENED: &str = include_str!("../../../fixtures/supabase_hardened.sql");

/// What a new Supabase project is emulated by.
pub(crate) const EMULATIONS: [&str; 2] = [EMULATION, HARDENED];

/// Makes a database look like a new Supabase project. The client must be a superuser; roles that are missing are created,
/// in the whole cluster.
///
/// # Errors
/// [`Error::Statement`].
pub async fn prepare_supabase(client: &Client, regime: Regime) -> Result<(), Error> {
    execute(client, EMULATION, "emulate Supabase").await?;
    match regime {
        Regime::Legacy => Ok(()),
        Regime::Hardened => execute(client, HARDENED, "revoke Supabase's automatic grants").await,
    }
}

/// What a copy of a template lacks: settings and privileges of the database itself are not copied (documentation of
/// CREATE DATABASE, notes). The same two statements as in the emulation.
pub(super) fn complete_copy(database: &str) -> String {
    let database = identifier(database);
    format!(
        "grant all on database {database} to {DEPLOYER};\n\
         alter database {database} set search_path = \"$user\", public, extensions"
    )
}

/// The roles the emulation needs.
pub(super) fn roles() -> Vec<&'static str> {
    API_ROLES.into_iter().chain([AUTHENTICATOR, DEPLOYER]).collect()
}

/// The statement that creates a role as the emulation does; one that it does not know may do nothing.
pub(super) fn create_role(role: &str) -> String {
    let attributes = match role {
        "service_role" => "NOLOGIN BYPASSRLS",
        AUTHENTICATOR => "LOGIN NOINHERIT",
        DEPLOYER => "LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS",
        _ => "NOLOGIN",
    };
    format!("CREATE ROLE {} {attributes};", identifier(role))
}
