//! A database of our own making, on a cluster of ours or on the server of a URL, dropped at the end.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};

use super::connect::{connect, execute, identifier};
use super::{DEPLOYER, Error, Platform, supabase};

/// How a session comes to be of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// The server lets in whoever names himself.
    LogIn,
    /// There is one login; sessions change to the role, as a superuser by `SET SESSION AUTHORIZATION`.
    Authorise,
    /// There is one login without that right; sessions change by `SET ROLE`.
    SetRole,
}

/// A database that is dropped with this value.
#[derive(Debug)]
pub struct Scratch {
    name: String,
    platform: Platform,
    administrator: Config,
    entry: Entry,
    dropped: bool,
}

impl Scratch {
    pub(super) fn new(name: &str, platform: Platform, administrator: Config, entry: Entry) -> Self {
        Self { name: name.to_owned(), platform, administrator, entry, dropped: false }
    }

    /// The name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn platform(&self) -> Platform {
        self.platform
    }

    /// Connects as whoever deploys: [`DEPLOYER`] on Supabase, otherwise the administrator.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`].
    pub async fn connect(&self) -> Result<Client, Error> {
        match self.platform {
            Platform::Supabase(_) => self.connect_as(DEPLOYER).await,
            Platform::Plain => self.connect_as_administrator().await,
        }
    }

    /// Connects as whoever made the database: the superuser of a cluster, the user of a URL.
    ///
    /// # Errors
    /// [`Error::Connect`].
    pub async fn connect_as_administrator(&self) -> Result<Client, Error> {
        connect(&self.administrator_here()).await
    }

    /// Connects as a role. On Supabase the roles of the API are reached as PostgREST reaches them, through the login
    /// `authenticator`; other roles log in where they may, and are assumed by the administrator where not.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`].
    pub async fn connect_as(&self, role: &str) -> Result<Client, Error> {
        let through_api = matches!(self.platform, Platform::Supabase(_)) && supabase::API_ROLES.contains(&role);
        match self.entry {
            Entry::SetRole => change(self.connect_as_administrator().await?, "role", role).await,
            Entry::Authorise if through_api => {
                let client = self.connect_as_administrator().await?;
                let client = change(client, "session authorization", supabase::AUTHENTICATOR).await?;
                change(client, "role", role).await
            }
            Entry::Authorise => change(self.connect_as_administrator().await?, "session authorization", role).await,
            Entry::LogIn if through_api => change(self.log_in(supabase::AUTHENTICATOR).await?, "role", role).await,
            Entry::LogIn => match self.log_in(role).await {
                Err(Error::Connect { source, .. }) if source.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                    change(self.connect_as_administrator().await?, "session authorization", role).await
                }
                outcome => outcome,
            },
        }
    }

    async fn log_in(&self, role: &str) -> Result<Client, Error> {
        let mut config = self.administrator_here();
        config.user(role);
        connect(&config).await
    }

    /// Drops the database now, and says if that fails; dropping the value does it silently.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`].
    pub async fn close(mut self) -> Result<(), Error> {
        self.dropped = true;
        drop_database(&self.administrator, &self.name).await
    }

    fn administrator_here(&self) -> Config {
        let mut config = self.administrator.clone();
        config.dbname(&self.name);
        config
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.dropped {
            return;
        }
        let (administrator, name) = (self.administrator.clone(), std::mem::take(&mut self.name));
        // A runtime of its own on a thread of its own: this may be called within one, outside of one, or in a panic.
        let thread = std::thread::Builder::new().spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                // Where the server is gone already, so is the database.
                let _ = runtime.block_on(drop_database(&administrator, &name));
            }
        });
        if let Ok(thread) = thread {
            let _ = thread.join();
        }
    }
}

/// Drops a database, and ends the sessions in it.
pub(super) async fn drop_database(administrator: &Config, name: &str) -> Result<(), Error> {
    let client = connect(administrator).await?;
    let sql = format!("drop database if exists {} with (force)", identifier(name));
    execute(&client, &sql, &format!("drop the database `{name}`")).await
}

async fn change(client: Client, what: &str, role: &str) -> Result<Client, Error> {
    let sql = format!("set {what} {}", identifier(role));
    execute(&client, &sql, &format!("become the role `{role}`")).await?;
    Ok(client)
}

/// Those of the roles that the server lacks.
pub(super) async fn missing_roles(client: &Client, roles: &[&str]) -> Result<Vec<String>, Error> {
    let rows = client
        .query(
            "select distinct wanted from unnest($1::text[]) as wanted \
             where wanted not in (select rolname::text from pg_roles) order by wanted",
            &[&roles],
        )
        .await
        .map_err(|source| Error::Statement { doing: "look up the roles".to_owned(), source })?;
    rows.iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()
        .map_err(|source| Error::Statement { doing: "look up the roles".to_owned(), source })
}

/// Creates roles, unless they are there or another session creates them meanwhile.
pub(super) async fn create_missing_roles(client: &Client, roles: &[&str]) -> Result<(), Error> {
    for role in missing_roles(client, roles).await? {
        let Err(source) = client.batch_execute(&supabase::create_role(&role)).await else {
            continue;
        };
        let raced = [SqlState::DUPLICATE_OBJECT, SqlState::UNIQUE_VIOLATION];
        if !source.code().is_some_and(|code| raced.contains(code)) {
            return Err(Error::Statement { doing: format!("create the role `{role}`"), source });
        }
    }
    Ok(())
}
