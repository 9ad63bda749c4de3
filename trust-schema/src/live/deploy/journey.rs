//! Sessions that come and go: connecting with patience, and what an error says about the connection.

use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;

use super::connection::{Connection, Session};
use super::options::Options;
use super::{Stop, lock};
use crate::live::error::message;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What an error means for what was going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The session is gone; what became of the transaction is to be found out.
    Lost,
    /// Others were in the way; the same may succeed a little later.
    Again,
    /// It will fail the same way again.
    Final,
}

/// What an error means.
pub fn meaning(error: &tokio_postgres::Error) -> Meaning {
    let Some(code) = error.code() else {
        // The driver knows of no error of the server: either the connection broke, or the client misused it.
        return if error.is_closed() || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>()) {
            Meaning::Lost
        } else {
            Meaning::Final
        };
    };
    const LOST: [&SqlState; 4] =
        [&SqlState::ADMIN_SHUTDOWN, &SqlState::CRASH_SHUTDOWN, &SqlState::CANNOT_CONNECT_NOW, &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT];
    const AGAIN: [&SqlState; 4] =
        [&SqlState::LOCK_NOT_AVAILABLE, &SqlState::T_R_DEADLOCK_DETECTED, &SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::OBJECT_IN_USE];
    // `25P03` has no name of its own in older drivers; class 08 is about connections; `57P05` is an idle session that was ended, `25P04` one whose transaction took too long.
    if LOST.contains(&code) || code.code().starts_with("08") || ["57P05", "25P04"].contains(&code.code()) {
        return Meaning::Lost;
    }
    // Two sessions that change the privileges of one object at once: the catalog's own rows collide, without a code of their own.
    let collided = *code == SqlState::INTERNAL_ERROR && error.as_db_error().is_some_and(|said| said.message().starts_with("tuple concurrently"));
    if AGAIN.contains(&code) || collided { Meaning::Again } else { Meaning::Final }
}

/// Whether a connection that failed may succeed a little later: the server is starting, or nobody answers.
fn may_come_back(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        Some(code) => *code == SqlState::CANNOT_CONNECT_NOW || *code == SqlState::TOO_MANY_CONNECTIONS || meaning(error) == Meaning::Lost,
        None => true,
    }
}

/// Why there is no connection.
pub fn unreachable(connection: &Connection, error: &tokio_postgres::Error) -> Stop {
    let mut text = message(error);
    let mut source = if error.as_db_error().is_some() { None } else { std::error::Error::source(error) };
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    Stop::new("no-connection", format!("no connection to {}: {text}", connection.place))
        .help("is the server running and reachable, and are user, password and `sslmode` right?")
}

/// Connects once.
///
/// # Errors
/// [`Stop`] `no-connection`.
pub async fn open(connection: &Connection) -> Result<Session, Stop> {
    connection.open().await.map_err(|error| unreachable(connection, &error))
}

/// Connects again after a connection was lost, and takes the lock: then the session that was lost has ended, too.
///
/// # Errors
/// Where the server stays away longer than the options allow, or another deployer holds the lock.
pub async fn again(connection: &Connection, options: &Options, say: &mut dyn FnMut(&str)) -> Result<Session, Stop> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    say("the connection was lost; connecting again");
    loop {
        match connection.open().await {
            Ok(session) => match lock::acquire(&session.client, options.wait.max(options.patience), say).await {
                Ok(()) => return Ok(session),
                // A server that is being stopped may take a connection and end it at once.
                Err(stop) if stop.code == "locked" || begun.elapsed() >= options.patience => return Err(stop),
                Err(_) => {}
            },
            Err(error) if may_come_back(&error) && begun.elapsed() < options.patience => {}
            Err(error) => return Err(unreachable(connection, &error)),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
