//! Reading what a database holds on a thread and a session of its own: the spec is compiled and the checks are run meanwhile.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio_postgres::error::SqlState;

use super::{Held, held};
use crate::live::deploy::connection::{Connection, Session};
use crate::live::deploy::history::{self, History};
use crate::live::deploy::{self, Stop};
use crate::parallel::STACK;

/// How often, and after which pauses, a session is asked for once more.
const PATIENCE: u32 = 30;
const PAUSE: Duration = Duration::from_millis(100);

/// What is being read, or has been.
pub struct Reading {
    pub(super) connection: Connection,
    state: State,
}

enum State {
    Running(JoinHandle<Result<Option<Read>, Stop>>),
    /// `None` where there was no thread, or no room for a session.
    Ended(Result<Option<Read>, Stop>),
}

/// What a database holds, and its history just before.
struct Read {
    held: Held,
    history: History,
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

    /// What was read. Where it could not be before, or somebody has applied something since, it is read now.
    pub(super) async fn held(self, history: &History) -> Result<Held, Stop> {
        let Reading { connection, state } = self.waited();
        let read = match state {
            State::Ended(Ok(Some(read))) if read.history == *history => read,
            State::Ended(Err(stop)) => return Err(stop),
            _ => self::read(wait(&connection).await?).await?,
        };
        if read.history == *history {
            return Ok(read.held);
        }
        Err(Stop::new("changed-meanwhile", "migrations are being applied to the database, or rolled back").help("verify it when that is done"))
    }
}

async fn read(session: Session) -> Result<Read, Stop> {
    let read = async {
        let history = history::read(&session.client).await?;
        Ok(Read { held: held(&session.client).await?, history })
    };
    let read = read.await;
    session.close().await;
    read
}

/// Opens a session, with patience for one of ours that the server has not ended yet.
pub(super) async fn wait(connection: &Connection) -> Result<Session, Stop> {
    for _ in 0..PATIENCE {
        if let Some(session) = open(connection).await? {
            return Ok(session);
        }
        tokio::time::sleep(PAUSE).await;
    }
    deploy::open(connection).await
}

/// Opens a session; `None` where the server, the database or the role has as many as it may have.
pub(super) async fn open(connection: &Connection) -> Result<Option<Session>, Stop> {
    match connection.open().await {
        Ok(session) => Ok(Some(session)),
        Err(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => Ok(None),
        Err(error) => Err(deploy::unreachable(connection, &error)),
    }
}
