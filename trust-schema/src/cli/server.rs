//! The arguments of the verbs that need a server.

use super::Failure;
use crate::kinds::project::Platform;
use crate::live::server::{Environment, Installing, NEWEST_MAJOR, OLDEST_MAJOR, OLDEST_READ_MAJOR, Regime, Request};
use crate::resolve::Resolution;

/// Which server, and what on it.
#[derive(Debug, clap::Args)]
pub struct ServerArguments {
    /// Make the databases on this server, instead of starting one; they are dropped in the end
    // The variable's value is not shown in the help: it may hold a password.
    #[arg(long, value_name = "URL", env = "TRUST_SCHEMA_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Major version of PostgreSQL [default: the first that is found]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(i64::from(OLDEST_READ_MAJOR)..=i64::from(NEWEST_MAJOR)))]
    postgres: Option<u32>,
    /// One regime of Supabase's default privileges only [default: both]
    #[arg(long, value_name = "REGIME", value_parser = ["legacy", "hardened"])]
    regime: Option<String>,
    /// Do not install a server where the machine has none
    #[arg(long)]
    no_install: bool,
}

impl ServerArguments {
    /// The server that is asked for.
    pub fn request<'a>(&'a self, environment: &'a Environment) -> Request<'a> {
        let installing = if self.no_install { Installing::Forbidden } else { Installing::Allowed };
        Request { url: self.database_url.as_deref(), major: self.postgres, installing, environment }
    }

    /// As [`ServerArguments::request`], of a server that is deployed to.
    ///
    /// # Errors
    /// Where one is asked for that is merely read.
    pub fn request_to_deploy<'a>(&'a self, environment: &'a Environment) -> Result<Request<'a>, Failure> {
        match self.postgres {
            Some(major) if major < OLDEST_MAJOR => Err(Failure::new(format!(
                "migrations are for PostgreSQL {OLDEST_MAJOR} and newer: databases of PostgreSQL {major} are only read\ngive --postgres {OLDEST_MAJOR} or a newer one"
            ))),
            _ => Ok(self.request(environment)),
        }
    }

    /// The first of these options that is given, but for the URL, which may come from the surroundings.
    pub fn given(&self) -> Option<&'static str> {
        match self {
            _ if self.postgres.is_some() => Some("--postgres"),
            _ if self.regime.is_some() => Some("--regime"),
            _ if self.no_install => Some("--no-install"),
            _ => None,
        }
    }

    /// The regime that is asked for, whatever is done with it.
    pub fn given_regime(&self) -> Option<Regime> {
        Regime::ALL.into_iter().find(|regime| self.regime.as_deref() == Some(regime.to_string().as_str()))
    }

    /// The regime that is asked for.
    pub fn regime(&self, resolution: &Resolution) -> Result<Option<Regime>, Failure> {
        let regime = self.given_regime();
        if regime.is_some() && resolution.project.platform != Platform::Supabase {
            return Err(Failure::new(
                "--regime is for specs with `platform = \"supabase\"`; this one has one kind of database only\nleave --regime out",
            ));
        }
        Ok(regime)
    }
}
