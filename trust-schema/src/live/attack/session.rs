//! Statements as somebody else, each in a transaction that is rolled back.
//!
//! The connection is a superuser's that takes on the login and the role of the attacker for one transaction (SET LOCAL SESSION AUTHORIZATION):
//! to PostgreSQL the attacker is who he would be after a login, and afterwards the superuser sees, within the same transaction, what he did.

use futures_util::{TryStreamExt, pin_mut};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::identity::{Identity, Login};
use crate::live::Error;
use crate::live::server::{AUTHENTICATOR, Scratch};
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// What the server said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    pub sqlstate: String,
    pub message: String,
    pub detail: String,
    pub hint: String,
}

impl Said {
    fn new(error: &tokio_postgres::Error) -> Option<Said> {
        error.as_db_error().map(|said| Said {
            sqlstate: said.code().code().to_owned(),
            message: said.message().to_owned(),
            detail: said.detail().unwrap_or_default().to_owned(),
            hint: said.hint().unwrap_or_default().to_owned(),
        })
    }

    /// Whether a privilege or the ownership was missing. A policy, and an append-only table, refuse with the same code and other words.
    pub fn is_permission_denied(&self) -> bool {
        self.sqlstate == "42501" && ["permission denied", "must be ", "must have "].iter().any(|words| self.message.starts_with(words))
    }
}

/// What became of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The rows of all its results, as text.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows that its last command concerned.
    pub affected: u64,
    pub error: Option<Said>,
}

impl Outcome {
    /// Everything that the attacker sees, as one text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for value in self.rows.iter().flatten().flatten() {
            text.push_str(value);
            text.push('\n');
        }
        if let Some(said) = &self.error {
            text.push_str(&format!("{} {}\n{}\n{}\n", said.sqlstate, said.message, said.detail, said.hint));
        }
        text
    }

    pub fn succeeded(&self) -> bool {
        self.error.is_none()
    }
}

/// A connection that takes on identities.
pub struct Session {
    client: Client,
}

impl Session {
    /// # Errors
    /// Where the server does not let the administrator in.
    pub async fn open(scratch: &Scratch) -> Result<Session, Error> {
        Ok(Session { client: scratch.connect_as_administrator().await? })
    }

    /// A login as a client of the role has it.
    ///
    /// # Errors
    /// Where the server does not let the role in.
    pub async fn of_role(scratch: &Scratch, role: &str) -> Result<Session, Error> {
        Ok(Session { client: scratch.connect_as(role).await? })
    }

    /// The rows of a query of ours, in whatever state the session is.
    pub async fn query(&self, sql: &str, doing: &str) -> Result<Vec<Vec<Option<String>>>, Error> {
        let messages = self.client.simple_query(sql).await.map_err(Error::query(doing.to_owned()))?;
        Ok(rows(&messages).0)
    }

    /// Runs statements of ours.
    pub async fn execute(&self, sql: &str, doing: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).await.map_err(Error::query(doing.to_owned()))
    }

    /// Opens a transaction as the identity.
    pub async fn begin(&self, identity: &Identity) -> Result<(), Error> {
        self.execute(&format!("begin; {}", become_statements(identity)), "take on an identity").await
    }

    /// Takes on an identity in an open transaction.
    pub async fn take_on(&self, identity: &Identity) -> Result<(), Error> {
        self.execute(&become_statements(identity), "take on an identity").await
    }

    /// Runs a statement of the attacker's. After an error the transaction is of no more use.
    pub async fn run(&self, statement: &str) -> Result<Outcome, Error> {
        if is_copy_out(statement) {
            return self.copy(statement).await;
        }
        match self.client.simple_query(statement).await {
            Ok(messages) => {
                let (rows, affected) = rows(&messages);
                Ok(Outcome { rows, affected, error: None })
            }
            Err(error) => failed(error),
        }
    }

    /// Runs a statement so that an error leaves the transaction as it was.
    pub async fn run_in_savepoint(&self, statement: &str) -> Result<Outcome, Error> {
        self.execute("savepoint attempt", "set a savepoint").await?;
        let outcome = self.run(statement).await?;
        if outcome.succeeded() {
            self.execute("release savepoint attempt", "release a savepoint").await?;
        } else {
            self.execute("rollback to savepoint attempt; release savepoint attempt", "go back to a savepoint").await?;
        }
        Ok(outcome)
    }

    async fn copy(&self, statement: &str) -> Result<Outcome, Error> {
        let stream = match self.client.copy_out(statement).await {
            Ok(stream) => stream,
            Err(error) => return failed(error),
        };
        pin_mut!(stream);
        let mut outcome = Outcome::default();
        loop {
            match stream.try_next().await {
                Ok(Some(bytes)) => outcome.rows.push(vec![Some(String::from_utf8_lossy(&bytes).into_owned())]),
                Ok(None) => return Ok(outcome),
                Err(error) => return failed(error),
            }
        }
    }

    /// Becomes the administrator again, in the transaction of the attacker.
    pub async fn as_administrator(&self) -> Result<(), Error> {
        self.execute("reset session authorization", "become the administrator again").await
    }

    /// Undoes everything.
    pub async fn end(&self) -> Result<(), Error> {
        self.execute("rollback", "roll back").await
    }

    /// Keeps everything.
    pub async fn keep(&self) -> Result<(), Error> {
        self.execute("commit", "commit").await
    }

    /// One statement in a transaction of its own, undone.
    pub async fn attempt(&self, identity: &Identity, statement: &str) -> Result<Outcome, Error> {
        self.begin(identity).await?;
        let outcome = self.run(statement).await?;
        self.end().await?;
        Ok(outcome)
    }
}

fn is_copy_out(statement: &str) -> bool {
    let lower = statement.to_ascii_lowercase();
    lower.starts_with("copy ") && lower.ends_with("to stdout")
}

fn failed(error: tokio_postgres::Error) -> Result<Outcome, Error> {
    match Said::new(&error) {
        Some(said) => Ok(Outcome { error: Some(said), ..Outcome::default() }),
        None => Err(Error::query("run an attempt")(error)),
    }
}

fn rows(messages: &[SimpleQueryMessage]) -> (Vec<Vec<Option<String>>>, u64) {
    let mut rows = Vec::new();
    let mut affected = 0;
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => rows.push((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect()),
            SimpleQueryMessage::CommandComplete(count) => affected = *count,
            _ => {}
        }
    }
    (rows, affected)
}

fn become_statements(identity: &Identity) -> String {
    let mut sql = match &identity.login {
        Login::Administrator => String::new(),
        Login::As(role) => format!("set local session authorization {};", quote(role)),
        Login::Gateway(role) => format!("set local session authorization {}; set local role {};", quote(AUTHENTICATOR), quote(role)),
    };
    for (setting, value) in &identity.settings {
        sql.push_str(&format!(" select pg_catalog.set_config({}, {}, true);", quoted(setting), quoted(value)));
    }
    sql
}
