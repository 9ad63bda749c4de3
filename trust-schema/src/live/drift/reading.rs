//! Reading what a database holds on a thread and a session of its own: the spec is compiled and the checks are run meanwhile.

use std::thread::{self, JoinHandle};

use tokio_postgres::error::SqlState;

use super::{Held, held};
use crate::live::deploy::connection::{Connection, Session};
use crate::live::deploy::{self, Stop};
use crate::parallel::STACK;

/// What is being read, or has been.
pub struct Reading {
    pub(super) connection: Connection,
    state: State,
}

enum State {
    Running(JoinHandle<Result<Option<Held>, Stop>>),
    /// `None` where there was no thread, or no room for a session.
    Ended(Result<Option<Held>, Stop>),
}

impl Reading {
    /// Begins. Nothing is written. Dropped, it goes on by itself, and nobody hears of it.
    pub fn begin(connection: &Connection) -> Reading {
        let there = connection.clone();
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| Stop::new("no-connection", format!("no connection can be made: {error}")))?;
            runtime.block_on(async {
                match open(&there).await? {
                    Some(session) => read(session).await.map(Some),
                    None => Ok(None),
                }
            })
        };
        let thread = thread::Builder::new().stack_size(STACK).spawn(work);
        Reading { connection: connection.clone(), state: thread.map_or(State::Ended(Ok(None)), State::Running) }
    }

    /// Waits for its end.
    pub(super) fn waited(self) -> Reading {
        let ended = match self.state {
            State::Running(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            State::Ended(ended) => ended,
        };
        Reading { state: State::Ended(ended), ..self }
    }

    /// What was read. Where it could not be before, it is read now.
    pub(super) async fn held(self) -> Result<Held, Stop> {
        let Reading { connection, state } = self.waited();
        match state {
            State::Ended(Ok(Some(held))) => Ok(held),
            State::Ended(Err(stop)) => Err(stop),
            _ => read(deploy::open(&connection).await?).await,
        }
    }
}

async fn read(session: Session) -> Result<Held, Stop> {
    let held = held(&session.client).await;
    session.close().await;
    held
}

/// Opens a session; `None` where the server, the database or the role has as many as it may have.
pub(super) async fn open(connection: &Connection) -> Result<Option<Session>, Stop> {
    match connection.open().await {
        Ok(session) => Ok(Some(session)),
        Err(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => Ok(None),
        Err(error) => Err(deploy::unreachable(connection, &error)),
    }
}
