//! A pooler in transaction mode gives every transaction another session: locks, settings and steps outside of transactions would go astray.
//!
//! It is found by what it does. Two sessions of ours never are one process of the server, and one session stays one process, unless
//! somebody stands between.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::connection::Connection;
use super::{Stop, journey};

const HELP: &str = "connect directly, or to a pooler in session mode (on Supabase: port 5432 instead of 6543)";

/// Refuses a connection through a pooler in transaction or statement mode.
///
/// # Errors
/// [`Stop`] `transaction-pooler`, and where a connection fails.
pub async fn check(connection: &Connection, client: &Client) -> Result<(), Stop> {
    if connection.parameter("port").split(',').any(|port| port == "6543") && connection.parameter("host").ends_with(".pooler.supabase.com") {
        return Err(refusal("port 6543 of Supabase's pooler is its transaction mode"));
    }
    let first = process(client).await?;
    let other = connection.open().await.map_err(|error| journey::unreachable(connection, &error))?;
    let found = probe(client, &other.client, first).await;
    other.close().await;
    found
}

async fn probe(client: &Client, other: &Client, first: i64) -> Result<(), Stop> {
    // Held open: a pooler has to give the other session another process from here on.
    other.batch_execute("begin").await.map_err(|_| refusal("it takes no transaction of several statements (statement mode)"))?;
    let second = process(other).await?;
    if second == first {
        return Err(refusal("two sessions were given one process of the server"));
    }
    let again = process(client).await?;
    if again != first {
        return Err(refusal("one session was given two processes of the server"));
    }
    other.batch_execute("rollback").await.map_err(Stop::query("end a transaction"))
}

fn refusal(why: &str) -> Stop {
    Stop::new("transaction-pooler", format!("there is a pooler in transaction mode in between: {why}")).help(HELP)
}

/// Without a prepared statement, which such a pooler may lose.
async fn process(client: &Client) -> Result<i64, Stop> {
    let messages = client.simple_query("select pg_backend_pid()").await.map_err(Stop::query("ask for the server's process"))?;
    let value = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.try_get(0).ok().flatten(),
        _ => None,
    });
    value.and_then(|value| value.parse().ok()).ok_or_else(|| Stop::new("query", "the server did not name its process"))
}
