//! Connections: one way to make them, one name for them in `pg_stat_activity`.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};

use super::Error;

/// The name our sessions carry on the server.
pub(super) const APPLICATION: &str = "trust-schema";

/// A firewall that swallows packets would otherwise keep the user waiting for minutes.
const CONNECT_PATIENCE: Duration = Duration::from_secs(15);

/// Connects, and leaves the driving of the connection to a task of the current tokio runtime.
///
/// # Errors
/// [`Error::Connect`].
pub async fn connect(config: &Config) -> Result<Client, Error> {
    open(config).await.map(|(client, _task)| client)
}

/// As [`connect`], with the task: when it has ended, the session is closed.
pub(super) async fn open(config: &Config) -> Result<(Client, JoinHandle<()>), Error> {
    let mut config = config.clone();
    if config.get_application_name().is_none() {
        config.application_name(APPLICATION);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_PATIENCE);
    }
    let (client, connection) = config.connect(NoTls).await.map_err(|source| Error::Connect {
        place: place(&config),
        needs_tls: config.get_ssl_mode() == SslMode::Require,
        source,
    })?;
    let task = tokio::spawn(async move {
        // What breaks a connection reaches the user through the client's own calls.
        let _ = connection.await;
    });
    Ok((client, task))
}

/// Reads a URL (`postgresql://…`) or a connection string (`host=… dbname=…`).
///
/// # Errors
/// [`Error::Url`].
pub fn parse_url(url: &str) -> Result<Config, Error> {
    let config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        Error::Url { problem: cause }
    })?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(Error::Url { problem: "it names no host".to_owned() });
    }
    Ok(config)
}

/// Where a connection leads, without the password.
pub(super) fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => config.get_hostaddrs().first().map_or_else(|| "no host".to_owned(), ToString::to_string),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("{host}:{port}")
}

/// An identifier as SQL text.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Runs a statement of ours that returns nothing.
pub(super) async fn execute(client: &Client, sql: &str, doing: &str) -> Result<(), Error> {
    let failed = |source| Error::Statement { doing: doing.to_owned(), source };
    client.batch_execute(sql).await.map_err(failed)
}
