//! One migration, or one rollback, from one recorded state to the next, whatever happens on the way.
//!
//! What changes the database and what records it commit together. After a lost connection history says which of the two states it is:
//! whoever holds the lock again knows that the session that was lost has ended.

use std::time::{Duration, Instant};

use tokio_postgres::Client;

use super::alone::{self, Found};
use super::connection::{Connection, Session};
use super::journal::{self, Step};
use super::journey::{self, Meaning};
use super::migration::{Migration, Script};
use super::options::Options;
use super::script::{Alone, Statement, place};
use super::{Stop, history, lock};
use crate::live::error::message;
use crate::live::joined;

/// The first pause before a new attempt; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What all steps share. `session` is replaced where it is lost.
pub struct Ground<'g> {
    pub connection: &'g Connection,
    pub options: &'g Options,
    pub session: Session,
    pub say: &'g mut dyn FnMut(&str),
}

/// What is recorded with the statements.
#[derive(Debug, Clone, Copy)]
pub enum Change<'m> {
    /// The migration was applied.
    Applied(&'m Migration),
    /// These were rolled back.
    RolledBack(&'m [&'m Migration]),
    /// The step with this number of a migration that takes several; the last one records the migration.
    Part { migration: &'m Migration, step: usize, last: bool },
    /// Nothing that history knows of.
    Nothing,
}

/// How it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Course {
    pub attempts: u32,
    /// Whether the answer to a COMMIT was lost, and history told.
    pub recovered: bool,
    pub milliseconds: u64,
}

/// Why an attempt failed.
enum Failed {
    /// The transaction, if any, has not committed.
    Statement(usize, tokio_postgres::Error),
    /// Nobody knows whether it committed. With the transaction's number.
    Commit(String, tokio_postgres::Error),
    /// For a reason of our own.
    Stop(Stop),
}

impl Ground<'_> {
    fn client(&self) -> &Client {
        &self.session.client
    }

    /// Applies a migration.
    ///
    /// # Errors
    /// Where it fails for good; the database is then at a recorded state.
    pub async fn apply(&mut self, migration: &Migration) -> Result<Course, Stop> {
        if migration.is_one_transaction() {
            return self.together(&migration.file, &migration.statements, Change::Applied(migration)).await;
        }
        let begun = Instant::now();
        let mut course = Course::default();
        let steps = journal::steps(migration);
        if history::is_recorded(self.client(), migration).await? {
            return Ok(course);
        }
        journal::create(self.client()).await.map_err(Stop::query("make the journal"))?;
        let entries = journal::read(self.client(), migration).await?;
        for (number, step) in steps.iter().enumerate() {
            let entry = entries.get(number);
            let last = number + 1 == steps.len();
            if entry.is_some_and(|entry| entry.done) {
                continue;
            }
            let part = Change::Part { migration, step: number, last };
            let done = match step {
                Step::Together(statements) => self.together(&migration.file, statements, part).await?,
                Step::Alone(statement, alone) => {
                    self.alone(migration, statement, alone, number, entry.is_some()).await?;
                    // Recorded by itself: the statement has committed when it ends.
                    self.together(&migration.file, &[], part).await?
                }
            };
            course.attempts = course.attempts.max(done.attempts);
            course.recovered |= done.recovered;
        }
        course.milliseconds = milliseconds(begun);
        Ok(course)
    }

    /// Runs statements in one transaction, with what records them.
    ///
    /// # Errors
    /// As [`Ground::apply`].
    pub async fn together(&mut self, script: &Script, statements: &[Statement], change: Change<'_>) -> Result<Course, Stop> {
        let begun = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let failed = match self.attempt(statements, change).await {
                Ok(()) => return Ok(Course { attempts, recovered: false, milliseconds: milliseconds(begun) }),
                Err(failed) => failed,
            };
            let (statement, transaction, error) = match failed {
                Failed::Stop(stop) => return Err(stop),
                Failed::Statement(statement, error) => (statements.get(statement), None, error),
                Failed::Commit(transaction, error) => (None, Some(transaction), error),
            };
            match journey::meaning(&error) {
                Meaning::Lost => {
                    self.session = journey::again(self.connection, self.options, self.say).await?;
                    if self.has_committed(change, transaction.as_deref()).await? {
                        return Ok(Course { attempts, recovered: true, milliseconds: milliseconds(begun) });
                    }
                }
                Meaning::Again => self.roll_back().await?,
                Meaning::Final => {
                    self.roll_back().await?;
                    return Err(failure(script, statement, &error));
                }
            }
            self.pause(attempts, || failure(script, statement, &error)).await?;
        }
    }

    /// Before another attempt; or the reason why there is none.
    async fn pause(&mut self, attempts: u32, why: impl Fn() -> Stop) -> Result<(), Stop> {
        if attempts >= self.options.attempts {
            let stop = why();
            return Err(Stop { message: format!("{} (tried {attempts} times)", stop.message), ..stop });
        }
        (self.say)(&format!("trying again: {}", why().message));
        let pause = (FIRST_PAUSE * 2_u32.saturating_pow(attempts - 1)).min(LONGEST_PAUSE);
        let part = fastrand::u64(0..=u64::try_from(pause.as_millis()).unwrap_or(1000) / 2);
        tokio::time::sleep(pause / 2 + Duration::from_millis(part)).await;
        Ok(())
    }

    async fn attempt(&self, statements: &[Statement], change: Change<'_>) -> Result<(), Failed> {
        let client = self.client();
        let options = self.options;
        // Durable when it is reported, whatever the server's default. A session that was cut off is ended by the server, too.
        let begin = format!(
            "begin; set local lock_timeout = {}; set local statement_timeout = {}; set local idle_in_transaction_session_timeout = {}; set local synchronous_commit = on",
            options.lock_timeout.as_millis(),
            options.statement_timeout.as_millis(),
            (options.statement_timeout.max(Duration::from_secs(60))).as_millis(),
        );
        let first = |error| Failed::Statement(0, error);
        client.batch_execute(&begin).await.map_err(first)?;
        // Another deployer could be at work where the lock was lost on the way, for instance by a migration that gave it back.
        if !lock::is_held(client).await.map_err(first)? {
            return Err(Failed::Stop(
                Stop::new("lock-lost", "this session no longer holds the lock of deployers").help("a migration must not release advisory locks"),
            ));
        }
        // All at once, one message for each statement: what fails first is what failed, and what follows is refused unread.
        let results = joined::all(statements.iter().map(|statement| client.batch_execute(&statement.text))).await;
        if let Some((number, Err(error))) = results.into_iter().enumerate().find(|(_, result)| result.is_err()) {
            return Err(Failed::Statement(number, error));
        }
        let behind = |error| Failed::Statement(statements.len(), error);
        match change {
            Change::Applied(migration) => history::insert(client, migration).await.map_err(behind)?,
            Change::RolledBack(migrations) => {
                let versions: Vec<&str> = migrations.iter().map(|migration| migration.version.as_str()).collect();
                let sql = "delete from supabase_migrations.schema_migrations where version = any ($1)";
                let deleted = client.execute(sql, &[&versions]).await.map_err(behind)?;
                if deleted != versions.len() as u64 {
                    return Err(Failed::Stop(Stop::new("history-changed", "history was changed by somebody else meanwhile").help("run this again")));
                }
            }
            Change::Part { migration, step, last } => {
                let steps = journal::steps(migration);
                let digest = steps.get(step).map(journal::digest).unwrap_or_default();
                if last {
                    journal::forget(client, migration).await.map_err(behind)?;
                    history::insert(client, migration).await.map_err(behind)?;
                } else {
                    journal::note(client, migration, step, &digest, true).await.map_err(behind)?;
                }
            }
            Change::Nothing => {}
        }
        let row = client.query_one("select pg_current_xact_id()::text", &[]).await.map_err(behind)?;
        let transaction: String = row.try_get(0).map_err(behind)?;
        // Settings of a migration's own end with it.
        client.batch_execute("commit").await.map_err(|error| Failed::Commit(transaction, error))?;
        client.batch_execute("reset role; reset all").await.map_err(behind).or_else(|failed| match failed {
            // It has committed: a session that breaks only now is found broken by the next step.
            Failed::Statement(_, error) if journey::meaning(&error) == Meaning::Lost => Ok(()),
            failed => Err(failed),
        })
    }

    /// What became of a transaction whose session was lost. The lock is held: that session has ended.
    async fn has_committed(&self, change: Change<'_>, transaction: Option<&str>) -> Result<bool, Stop> {
        let client = self.client();
        match change {
            Change::Applied(migration) | Change::Part { migration, last: true, .. } => history::is_recorded(client, migration).await,
            Change::Part { migration, step, .. } => Ok(journal::read(client, migration).await?.get(step).is_some_and(|entry| entry.done)),
            Change::RolledBack(migrations) => {
                let history = history::read(client).await?;
                Ok(migrations.iter().all(|migration| history.row(&migration.version).is_none()))
            }
            Change::Nothing => {
                let Some(transaction) = transaction else { return Ok(false) };
                let doing = "ask what became of a transaction";
                let row = client.query_one("select pg_xact_status(($1::text)::xid8)", &[&transaction]).await.map_err(Stop::query(doing))?;
                Ok(row.try_get::<_, Option<String>>(0).map_err(Stop::query(doing))?.as_deref() == Some("committed"))
            }
        }
    }

    /// Ends a transaction that failed, so that the session can go on; a session that breaks over it is replaced.
    async fn roll_back(&mut self) -> Result<(), Stop> {
        match self.client().batch_execute("rollback; reset role; reset all").await {
            Ok(()) => Ok(()),
            Err(error) if journey::meaning(&error) == Meaning::Lost => {
                self.session = journey::again(self.connection, self.options, self.say).await?;
                Ok(())
            }
            Err(error) => Err(Stop::query("roll back")(error)),
        }
    }

    /// Runs a statement by itself, until its result is there. `begun` says that the journal holds it: what is there is then ours.
    async fn alone(&mut self, migration: &Migration, statement: &Statement, alone: &Alone, number: usize, mut begun: bool) -> Result<(), Stop> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let error = match self.attempt_alone(migration, statement, alone, number, begun).await {
                Ok(()) => return Ok(()),
                Err(Failed::Stop(stop)) => return Err(stop),
                Err(Failed::Statement(_, error) | Failed::Commit(_, error)) => error,
            };
            // From here on the journal holds it, or the attempt did not get that far and finds nothing.
            begun = journal_has(self, migration, number, &error).await?;
            if journey::meaning(&error) == Meaning::Final {
                // A broken unique index refuses rows and serves no query: nobody is left with it.
                self.clear(alone).await?;
                return Err(failure(&migration.file, Some(statement), &error));
            }
            self.pause(attempts, || failure(&migration.file, Some(statement), &error)).await?;
        }
    }

    async fn attempt_alone(&self, migration: &Migration, statement: &Statement, alone: &Alone, number: usize, begun: bool) -> Result<(), Failed> {
        let client = self.client();
        let failed = |error| Failed::Statement(0, error);
        // It goes on as long as there are rows, whatever the limit of role or server (Supabase: two minutes). PostgreSQL 17 has another one.
        client
            .batch_execute(&format!(
                "set lock_timeout = {}; set statement_timeout = 0; set synchronous_commit = on; \
                 select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings where name = 'transaction_timeout'",
                self.options.lock_timeout.as_millis()
            ))
            .await
            .map_err(failed)?;
        match alone::find(client, alone).await.map_err(Failed::Stop)? {
            Found::Whole
                if begun || matches!(alone, Alone::CreateIndex { if_not_exists: true, .. } | Alone::DropIndex { .. } | Alone::Detach { .. }) =>
            {
                return client.batch_execute("reset role; reset all").await.map_err(failed);
            }
            Found::Other(why) => return Err(Failed::Stop(Stop::new("already-there", why).help("is this the right database?"))),
            // A name that is taken: let the server say so.
            Found::Whole | Found::Nothing => {}
            Found::Part(clear) => {
                for sql in clear {
                    client.batch_execute(&sql).await.map_err(failed)?;
                }
                if let Alone::Detach { .. } = alone {
                    return client.batch_execute("reset role; reset all").await.map_err(failed);
                }
            }
        }
        let steps = journal::steps(migration);
        let digest = steps.get(number).map(journal::digest).unwrap_or_default();
        journal::note(client, migration, number, &digest, false).await.map_err(failed)?;
        client.batch_execute(&statement.text).await.map_err(failed)?;
        // IF NOT EXISTS succeeds over an index that is invalid.
        if let Found::Part(_) = alone::find(client, alone).await.map_err(Failed::Stop)?
            && *alone != Alone::Reindex
        {
            return Err(Failed::Stop(
                Stop::new("invalid-index", format!("`{}` has left an invalid index behind", statement.text)).help("run this again: it is built anew"),
            ));
        }
        client.batch_execute("reset role; reset all").await.map_err(failed)
    }

    /// Takes away what a failed statement left behind, as far as that can be done now: the next run tries again.
    async fn clear(&mut self, alone: &Alone) -> Result<(), Stop> {
        if let (Found::Part(clear), Alone::CreateIndex { .. } | Alone::Reindex) = (alone::find(self.client(), alone).await?, alone) {
            for sql in clear {
                if let Err(error) = self.client().batch_execute(&sql).await {
                    (self.say)(&format!("what it left behind is still there: {}", message(&error)));
                }
            }
        }
        self.roll_back().await
    }
}

/// Whether the journal holds a step; in a new session where the old one was lost.
async fn journal_has(ground: &mut Ground<'_>, migration: &Migration, number: usize, error: &tokio_postgres::Error) -> Result<bool, Stop> {
    if journey::meaning(error) == Meaning::Lost {
        ground.session = journey::again(ground.connection, ground.options, ground.say).await?;
    }
    Ok(journal::read(ground.client(), migration).await?.get(number).is_some())
}

/// What the server said about a statement, and where it stands.
fn failure(script: &Script, statement: Option<&Statement>, error: &tokio_postgres::Error) -> Stop {
    let mut text = message(error);
    let mut hint = None;
    if let Some(said) = error.as_db_error() {
        for (label, more) in [("detail", said.detail()), ("context", said.where_())] {
            text.extend(more.map(|more| format!("; {label}: {more}")));
        }
        hint = said.hint().map(str::to_owned);
    }
    let code = match journey::meaning(error) {
        Meaning::Lost => "connection-lost",
        Meaning::Again => "in-use",
        Meaning::Final => "statement-failed",
    };
    let help = match error.code().map(|code| code.code()) {
        Some("55P03") => Some("others use the table all the time: run this again when fewer do, or with a longer `--lock-timeout`"),
        Some("57014") => Some("a statement took longer than `--statement-timeout` allows"),
        Some("53100") => Some("the disk is full: nothing was changed by this migration; make room and run this again"),
        Some("42501") => Some("connect as the role that owns the objects (on Supabase: postgres)"),
        _ => None,
    };
    Stop {
        code,
        message: format!("{}: {text}", script.path),
        help: help.map(str::to_owned).or(hint),
        place: statement.map(|statement| Box::new(place(&script.path, &script.text, statement.range.start))),
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
