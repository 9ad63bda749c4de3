//! A throw-away cluster: a server of our own, with its data in memory where there is room.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Mutex;
use tokio_postgres::Config;

use super::connect::{APPLICATION, connect, execute, identifier, open};
use super::directory::Directory;
use super::process::{self, Process};
use super::scratch::{Entry, Scratch, create_missing_roles};
use super::{Account, Environment, Error, OLDEST_MAJOR, Platform, Regime, Server, prepare_supabase, supabase};

/// The superuser of every cluster.
pub(super) const SUPERUSER: &str = "postgres";

/// A running cluster. Dropped, or when the program dies, its server is stopped at once and its directory removed.
#[derive(Debug)]
pub struct Cluster {
    // Dropped in this order: the server is gone before its files go. None only while a crash is played.
    process: std::sync::Mutex<Option<Process>>,
    directory: Directory,
    server: Server,
    account: Option<Account>,
    settings: Vec<String>,
    templates: Mutex<BTreeSet<Regime>>,
    counter: AtomicU32,
}

impl Cluster {
    /// Makes and starts a cluster: 0.4 s in memory, more on a disk. Blocks meanwhile.
    ///
    /// # Errors
    /// [`Error::NoDirectory`], [`Error::Initialise`], [`Error::Start`], [`Error::File`].
    pub fn start(server: &Server, environment: &Environment) -> Result<Self, Error> {
        Self::start_with(server, environment, &[])
    }

    /// As [`Cluster::start`], with settings of the server as in `postgresql.conf`, each `name=value`; they come after our own.
    ///
    /// # Errors
    /// As [`Cluster::start`]; [`Error::Start`] where the server refuses a setting.
    pub fn start_with(server: &Server, environment: &Environment, settings: &[&str]) -> Result<Self, Error> {
        let account = environment.account.as_ref();
        let directory = Directory::create(environment)?;
        process::initialise(server, &directory, account)?;
        let process = process::start(server, &directory, account, settings)?;
        Ok(Self {
            process: std::sync::Mutex::new(Some(process)),
            directory,
            server: server.clone(),
            account: account.cloned(),
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            templates: Mutex::new(BTreeSet::new()),
            counter: AtomicU32::new(0),
        })
    }

    /// Stops the server at once, as a crash would, calls `between`, and starts it again on the data that it left. Blocks meanwhile.
    ///
    /// # Errors
    /// [`Error::Start`].
    pub fn crash(&self, between: impl FnOnce()) -> Result<(), Error> {
        let mut process = self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(process.take());
        between();
        let settings: Vec<&str> = self.settings.iter().map(String::as_str).collect();
        *process = Some(process::start(&self.server, &self.directory, self.account.as_ref(), &settings)?);
        Ok(())
    }

    /// The server that runs it.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The directory that holds its data, its log and its socket.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// How to connect to a database as a role. `postgres` is both the superuser and a database that is always there.
    pub fn config(&self, database: &str, role: &str) -> Config {
        let mut config = Config::new();
        config.host_path(self.directory.path()).user(role).dbname(database).application_name(APPLICATION);
        config
    }

    /// Creates a database from a template (`template0` without one), by copying files: 7 ms, where writing through the log
    /// takes 13. Nobody may be connected to the template.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`].
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), Error> {
        let client = connect(&self.administrator()).await?;
        let template = template.unwrap_or("template0");
        // Older versions know no other strategy, and no word for it.
        let strategy = if self.server.major < OLDEST_MAJOR { "" } else { " strategy file_copy" };
        let sql = format!("create database {} template {}{strategy}", identifier(name), identifier(template));
        execute(&client, &sql, &format!("create the database `{name}`")).await
    }

    /// Drops a database, and ends the sessions in it.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`].
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        super::scratch::drop_database(&self.administrator(), name).await
    }

    /// A new database that looks like a new Supabase project, dropped with the value returned. It is a copy of a template
    /// that is made once for each regime, so the next one costs some 20 ms.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`].
    pub async fn supabase_database(&self, regime: Regime, name: &str) -> Result<Scratch, Error> {
        self.prepare_template(regime).await?;
        self.create_database(name, Some(&regime.template())).await?;
        let scratch = self.scratch_of(name, Platform::Supabase(regime));
        let client = connect(&self.administrator()).await?;
        execute(&client, &supabase::complete_copy(name), &format!("set up the database `{name}`")).await?;
        Ok(scratch)
    }

    /// A new database with a name of its own. Roles that are missing are created, without any right.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`].
    pub async fn scratch(&self, platform: Platform, roles: &[&str]) -> Result<Scratch, Error> {
        let name = format!("scratch_{}", self.counter.fetch_add(1, Ordering::Relaxed));
        let scratch = match platform {
            Platform::Supabase(regime) => self.supabase_database(regime, &name).await?,
            Platform::Plain => {
                self.create_database(&name, None).await?;
                self.scratch_of(&name, platform)
            }
        };
        create_missing_roles(&connect(&self.administrator()).await?, roles).await?;
        Ok(scratch)
    }

    /// A copy of a database, with a name of its own, dropped with the value returned: for databases that cost more to make than
    /// to copy. Nobody may be connected to the original.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Statement`].
    pub async fn copy(&self, original: &Scratch) -> Result<Scratch, Error> {
        let name = format!("scratch_{}", self.counter.fetch_add(1, Ordering::Relaxed));
        self.create_database(&name, Some(original.name())).await?;
        let scratch = self.scratch_of(&name, original.platform());
        if let Platform::Supabase(_) = original.platform() {
            let client = connect(&self.administrator()).await?;
            execute(&client, &supabase::complete_copy(&name), &format!("set up the database `{name}`")).await?;
        }
        Ok(scratch)
    }

    fn scratch_of(&self, name: &str, platform: Platform) -> Scratch {
        Scratch::new(name, platform, self.administrator(), Entry::LogIn)
    }

    fn administrator(&self) -> Config {
        self.config("postgres", SUPERUSER)
    }

    /// One at a time: the emulation creates roles, which two at once would both find missing.
    async fn prepare_template(&self, regime: Regime) -> Result<(), Error> {
        let mut prepared = self.templates.lock().await;
        if prepared.contains(&regime) {
            return Ok(());
        }
        let name = regime.template();
        self.create_database(&name, None).await?;
        let (client, task) = open(&self.config(&name, SUPERUSER)).await?;
        let done = prepare_supabase(&client, regime).await;
        // A template with a session in it cannot be copied: end it before anybody tries.
        drop(client);
        let _ = task.await;
        if let Err(error) = done {
            self.drop_database(&name).await?;
            return Err(error);
        }
        prepared.insert(regime);
        Ok(())
    }
}
