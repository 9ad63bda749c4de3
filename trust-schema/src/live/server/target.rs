//! Where scratch databases are made: a cluster of ours, or the server behind a URL.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio_postgres::{Client, Config};

use super::connect::{connect, execute, identifier, place};
use super::scratch::{Entry, Scratch, missing_roles};
use super::{Cluster, Error, Found, OLDEST_MAJOR, Regime, Request, find, prepare_supabase, supabase};

/// What a scratch database should look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// A new database of a plain server.
    Plain,
    /// A new Supabase project.
    Supabase(Regime),
}

/// A server to make scratch databases on.
#[derive(Debug)]
pub enum Target {
    /// A cluster of ours.
    Cluster(Box<Cluster>),
    /// A server that somebody else runs.
    Url(Box<UrlServer>),
}

impl Target {
    /// Finds a server ([`find`]) and connects to it or starts a cluster with it.
    ///
    /// # Errors
    /// Those of [`find`], [`Cluster::start`] and [`UrlServer::open`].
    pub async fn open(request: &Request<'_>, say: &mut dyn FnMut(&str)) -> Result<Self, Error> {
        match find(request, say)? {
            Found::Server(server) => Cluster::start(&server, request.environment).map(|cluster| Self::Cluster(Box::new(cluster))),
            Found::Url(config) => {
                let server = UrlServer::open(*config).await?;
                match request.major {
                    Some(wanted) if wanted != server.major => {
                        Err(Error::OtherMajor { place: place(&server.config), version: server.version, wanted })
                    }
                    _ => Ok(Self::Url(Box::new(server))),
                }
            }
        }
    }

    /// The server's major version.
    pub fn major(&self) -> u32 {
        match self {
            Self::Cluster(cluster) => cluster.server().major,
            Self::Url(server) => server.major,
        }
    }

    /// The server's version, such as `17.10`.
    pub fn version(&self) -> &str {
        match self {
            Self::Cluster(cluster) => &cluster.server().version,
            Self::Url(server) => &server.version,
        }
    }

    /// A new database, dropped with the value returned. `roles` are those it needs besides the platform's: a cluster of
    /// ours gets them, the server of a URL must have them.
    ///
    /// # Errors
    /// [`Error::MissingRoles`], [`Error::NotSuperuser`], [`Error::MayNotCreateDatabases`], [`Error::Connect`],
    /// [`Error::Statement`].
    pub async fn scratch(&self, platform: Platform, roles: &[&str]) -> Result<Scratch, Error> {
        match self {
            Self::Cluster(cluster) => cluster.scratch(platform, roles).await,
            Self::Url(server) => server.scratch(platform, roles).await,
        }
    }
}

/// A server behind a URL. Databases are made on it and dropped; nothing else of it is changed.
#[derive(Debug)]
pub struct UrlServer {
    config: Config,
    major: u32,
    version: String,
    user: String,
    superuser: bool,
    creates_databases: bool,
}

impl UrlServer {
    /// Connects once, to learn the version and what the user may do.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`], [`Error::OldServer`].
    pub async fn open(config: Config) -> Result<Self, Error> {
        let client = connect(&config).await?;
        let failed = |source| Error::Statement { doing: "ask the server for its version".to_owned(), source };
        let row = client
            .query_one(
                "select current_setting('server_version_num')::int / 10000, current_setting('server_version'), rolname::text, \
                 rolsuper, rolcreatedb from pg_roles where rolname = current_user",
                &[],
            )
            .await
            .map_err(failed)?;
        let major: i32 = row.try_get(0).map_err(failed)?;
        let said: String = row.try_get(1).map_err(failed)?;
        let server = Self {
            major: major.unsigned_abs(),
            // Distributions append a name of their own.
            version: said.split_whitespace().next().unwrap_or_default().to_owned(),
            user: row.try_get(2).map_err(failed)?,
            superuser: row.try_get(3).map_err(failed)?,
            creates_databases: row.try_get(4).map_err(failed)?,
            config,
        };
        if server.major < OLDEST_MAJOR {
            return Err(Error::OldServer { place: place(&server.config), version: server.version });
        }
        Ok(server)
    }

    async fn scratch(&self, platform: Platform, roles: &[&str]) -> Result<Scratch, Error> {
        let (place, user) = (place(&self.config), self.user.clone());
        if !self.superuser && !self.creates_databases {
            return Err(Error::MayNotCreateDatabases { place, user });
        }
        let mut needed = roles.to_vec();
        if matches!(platform, Platform::Supabase(_)) {
            if !self.superuser {
                return Err(Error::NotSuperuser { place, user });
            }
            needed.extend(supabase::roles());
        }
        let client = connect(&self.config).await?;
        let missing = missing_roles(&client, &needed).await?;
        if !missing.is_empty() {
            return Err(Error::MissingRoles { place, roles: missing });
        }
        let name = unique_name();
        // Without a strategy: a copy of files makes a checkpoint of the whole server, which is not ours to slow down.
        let sql = format!("create database {} template template0 encoding 'UTF8'", identifier(&name));
        execute(&client, &sql, &format!("create the database `{name}`")).await?;
        let entry = if self.superuser { Entry::Authorise } else { Entry::SetRole };
        let scratch = Scratch::new(&name, platform, self.config.clone(), entry);
        if let Platform::Supabase(regime) = platform {
            let client: Client = scratch.connect_as_administrator().await?;
            prepare_supabase(&client, regime).await?;
        }
        Ok(scratch)
    }
}

/// A name that no other run has: the process, the time and a number of our own.
fn unique_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
    format!("trust_schema_{}_{time}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}
