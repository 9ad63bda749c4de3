//! Where a deployment goes, and sessions there.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation, TargetSessionAttrs};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Stop;
use super::conninfo::{self, Parameters, Surroundings};
use super::tls::{self, Certificates, Trust};

/// The name of our sessions in `pg_stat_activity`.
const APPLICATION: &str = "trust-schema deploy";
/// A firewall that swallows packets would otherwise keep the user waiting for minutes.
const CONNECT_PATIENCE: Duration = Duration::from_secs(15);
/// A connection that is cut without a word is noticed within this time.
const SILENCE: Duration = Duration::from_secs(30);
/// Where libpq's usual socket is.
const SOCKET: &str = "/var/run/postgresql";
/// Parameters of libpq that change nothing here.
const WITHOUT_MEANING: [&str; 8] =
    ["gssencmode", "krbsrvname", "gsslib", "sslcompression", "sslsni", "client_encoding", "fallback_application_name", "passfile"];

/// A database that can be connected to.
#[derive(Clone)]
pub struct Connection {
    config: Config,
    tls: MakeRustlsConnect,
    parameters: Parameters,
    /// `user@host:port/database`, without the password.
    pub place: String,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Connection").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A session, and the task that drives it.
pub struct Session {
    pub client: Client,
    task: JoinHandle<()>,
}

impl Session {
    /// Ends the session and waits until it is closed on our side.
    pub async fn close(self) {
        drop(self.client);
        let _ = self.task.await;
    }
}

impl Connection {
    /// Finds out where to connect: the text, else the variables (those of the process, then those of the project's `.env`), with service and
    /// password files.
    ///
    /// # Errors
    /// Where nothing says where, or something of it cannot be read.
    pub fn find(text: Option<&str>, surroundings: &Surroundings) -> Result<Connection, Stop> {
        let unreadable = |problem: String| {
            Stop::new("connection-string", format!("where to connect cannot be read: {problem}"))
                .help("write it as `postgresql://user@host:5432/database`; its password may come from PGPASSWORD or a password file")
        };
        let variable = |name: &str| surroundings.variables.get(name).filter(|value| !value.is_empty());
        let text = text.or_else(|| variable("DATABASE_URL").map(String::as_str));
        if text.is_none() && ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"].iter().all(|name| variable(name).is_none()) {
            return Err(Stop::new("no-database", "nothing says which database is meant")
                .help("give `--db URL`, set PGHOST, PGDATABASE and the other variables of libpq, name a service in PGSERVICE, or write DATABASE_URL into `.env`"));
        }
        let parameters = conninfo::parameters(text, surroundings).map_err(unreadable)?;
        Connection::of(parameters, surroundings).map_err(unreadable)
    }

    fn of(mut parameters: Parameters, surroundings: &Surroundings) -> Result<Connection, String> {
        if !parameters.contains_key("host") && !parameters.contains_key("hostaddr") {
            let default = if std::path::Path::new(SOCKET).is_dir() { SOCKET } else { "localhost" };
            parameters.insert("host".to_owned(), default.to_owned());
        }
        let Some(user) = parameters.get("user").cloned() else { return Err("it names no user".to_owned()) };
        let database = parameters.entry("dbname".to_owned()).or_insert_with(|| user.clone()).clone();
        let mut config = Config::new();
        config.connect_timeout(CONNECT_PATIENCE).application_name(APPLICATION);
        config.keepalives(true).keepalives_idle(SILENCE).keepalives_interval(SILENCE / 3).tcp_user_timeout(SILENCE);
        let mut trust = None;
        for (word, value) in &parameters {
            set(&mut config, word, value, &mut trust)?;
        }
        let file = |word: &str, usual: &str| {
            let given = parameters.get(word).map(PathBuf::from);
            given.or_else(|| surroundings.home_file(usual).filter(|file| file.is_file()))
        };
        let roots = file("sslrootcert", ".postgresql/root.crt");
        let system = roots.as_deref().is_some_and(|file| file.as_os_str() == "system");
        // libpq: with a file of roots, `require` checks the authority, and the system's roots ask for the name.
        let trust = match trust {
            _ if system => Trust::Name,
            Some(trust) => trust,
            None if config.get_ssl_mode() == SslMode::Require && roots.is_some() => Trust::Authority,
            None => Trust::Any,
        };
        let own = file("sslcert", ".postgresql/postgresql.crt").zip(file("sslkey", ".postgresql/postgresql.key"));
        let tls = tls::connector(trust, &Certificates { roots: roots.filter(|_| !system), own })?;
        let host = parameters.get("host").or_else(|| parameters.get("hostaddr")).cloned().unwrap_or_default();
        let port = parameters.get("port").map_or("5432", String::as_str);
        let place = format!("{user}@{host}:{port}/{database}");
        Ok(Connection { config, tls, place, parameters })
    }

    /// Opens a session.
    ///
    /// # Errors
    /// What the server or the driver says.
    pub async fn open(&self) -> Result<Session, tokio_postgres::Error> {
        if self.config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) = self.config.connect(NoTls).await?;
            return Ok(Session { client, task: tokio::spawn(async move { drop(connection.await) }) });
        }
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        // What breaks a connection reaches the user through the client's own calls.
        Ok(Session { client, task: tokio::spawn(async move { drop(connection.await) }) })
    }

    /// The parameters as variables of libpq, for its programs; the password apart.
    pub(super) fn variables(&self) -> (Vec<(&'static str, String)>, Option<&str>) {
        const PASSED: [(&str, &str); 10] = [
            ("host", "PGHOST"),
            ("hostaddr", "PGHOSTADDR"),
            ("port", "PGPORT"),
            ("dbname", "PGDATABASE"),
            ("user", "PGUSER"),
            ("options", "PGOPTIONS"),
            ("sslmode", "PGSSLMODE"),
            ("sslrootcert", "PGSSLROOTCERT"),
            ("sslcert", "PGSSLCERT"),
            ("sslkey", "PGSSLKEY"),
        ];
        let passed = PASSED.iter().filter_map(|(word, variable)| Some((*variable, self.parameters.get(*word)?.clone()))).collect();
        (passed, self.parameters.get("password").map(String::as_str))
    }

    /// A parameter by libpq's word.
    pub(super) fn parameter(&self, word: &str) -> &str {
        self.parameters.get(word).map_or("", String::as_str)
    }
}

fn set(config: &mut Config, word: &str, value: &str, trust: &mut Option<Trust>) -> Result<(), String> {
    let odd = || format!("`{word}` has a value that is not known");
    let seconds = || value.parse().map(Duration::from_secs).map_err(|_| odd());
    match word {
        "user" => {
            config.user(value);
        }
        "password" => {
            config.password(value);
        }
        "dbname" => {
            config.dbname(value);
        }
        "options" => {
            config.options(value);
        }
        "application_name" => {
            config.application_name(value);
        }
        "host" => {
            for host in value.split(',') {
                config.host(host);
            }
        }
        "hostaddr" => {
            for address in value.split(',') {
                config.hostaddr(address.parse().map_err(|_| odd())?);
            }
        }
        "port" => {
            for port in value.split(',') {
                config.port(if port.is_empty() { 5432 } else { port.parse().map_err(|_| odd())? });
            }
        }
        "connect_timeout" => {
            config.connect_timeout(seconds()?);
        }
        "keepalives" => {
            config.keepalives(value != "0");
        }
        "keepalives_idle" => {
            config.keepalives_idle(seconds()?);
        }
        "keepalives_interval" => {
            config.keepalives_interval(seconds()?);
        }
        "keepalives_count" => {
            config.keepalives_retries(value.parse().map_err(|_| odd())?);
        }
        "tcp_user_timeout" => {
            config.tcp_user_timeout(Duration::from_millis(value.parse().map_err(|_| odd())?));
        }
        "sslmode" => {
            let (mode, asked) = match value {
                "disable" => (SslMode::Disable, None),
                "allow" | "prefer" => (SslMode::Prefer, None),
                "require" => (SslMode::Require, None),
                "verify-ca" => (SslMode::Require, Some(Trust::Authority)),
                "verify-full" => (SslMode::Require, Some(Trust::Name)),
                _ => return Err(odd()),
            };
            config.ssl_mode(mode);
            *trust = asked;
        }
        "sslnegotiation" => {
            config.ssl_negotiation(match value {
                "postgres" => SslNegotiation::Postgres,
                "direct" => SslNegotiation::Direct,
                _ => return Err(odd()),
            });
        }
        "channel_binding" => {
            config.channel_binding(match value {
                "disable" => ChannelBinding::Disable,
                "prefer" => ChannelBinding::Prefer,
                "require" => ChannelBinding::Require,
                _ => return Err(odd()),
            });
        }
        // A deployment writes: other servers are passed over where several are named.
        "target_session_attrs" => {
            config.target_session_attrs(match value {
                "any" => TargetSessionAttrs::Any,
                "read-write" | "primary" => TargetSessionAttrs::ReadWrite,
                _ => return Err(odd()),
            });
        }
        "sslrootcert" | "sslcert" | "sslkey" => {}
        word if WITHOUT_MEANING.contains(&word) => {}
        _ => return Err("it has a parameter that libpq does not know, or that is not known here".to_owned()),
    }
    Ok(())
}
