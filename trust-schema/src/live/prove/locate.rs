//! From an error of PostgreSQL to the place in the file that was run, and the object of the spec behind it.

use serde::Serialize;
use tokio_postgres::error::ErrorPosition;
use tokio_postgres::{Client, error::DbError};

use super::Problem;
use crate::live::error::message;
use crate::sql::fragment::check_statements;

/// A place in a generated file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The comment over the statement: the object that it makes, and the file of the spec that declares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The statement's first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}

/// The problem behind an error, with its place. An error that names no position is provoked once more, statement by statement, in a
/// transaction that is rolled back; the client must be in none.
pub async fn problem(client: &Client, file: &str, text: &str, error: &tokio_postgres::Error) -> Problem {
    let said = error.as_db_error();
    let position = said.and_then(DbError::position);
    let offset = match position {
        Some(ErrorPosition::Original(character)) => offset(text, *character),
        _ => failing_statement(client, text).await,
    };
    Problem { about: file.to_owned(), message: told(error), place: offset.map(|offset| place(file, text, offset)) }
}

/// The place where a file takes the transaction into its own hands, if that can be seen.
pub fn transaction_control(file: &str, text: &str) -> Option<Place> {
    let errors = check_statements(text).err()?;
    errors.first().map(|error| place(file, text, error.range.start))
}

/// The server's message with its detail, hint and context.
pub fn told(error: &tokio_postgres::Error) -> String {
    let mut text = message(error);
    if let Some(said) = error.as_db_error() {
        for (label, more) in [("detail", said.detail()), ("hint", said.hint()), ("context", said.where_())] {
            if let Some(more) = more {
                text.push_str(&format!("; {label}: {more}"));
            }
        }
    }
    text
}

/// Describes a byte of a file.
pub fn place(file: &str, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let statement = check_statements(text).ok().and_then(|statements| {
        let statement = statements.into_iter().find(|statement| statement.range.contains(&offset) || statement.range.start >= offset)?;
        text.get(statement.range)?.lines().next().map(str::to_owned)
    });
    // A paragraph of a generated file is one object: its comment stands at its top.
    let start = before.rfind("\n\n").map_or(0, |end| end + 2);
    let object = text.get(start..).and_then(|paragraph| paragraph.lines().next()).and_then(|line| line.strip_prefix("-- ")).map(str::to_owned);
    Place { file: file.to_owned(), line, column, object, statement }
}

/// PostgreSQL counts characters, from 1.
fn offset(text: &str, character: u32) -> Option<usize> {
    let index = usize::try_from(character).ok()?.checked_sub(1)?;
    text.char_indices().map(|(offset, _)| offset).chain([text.len()]).nth(index)
}

async fn failing_statement(client: &Client, text: &str) -> Option<usize> {
    let statements = check_statements(text).ok()?;
    client.batch_execute("begin").await.ok()?;
    let mut failing = None;
    for statement in statements {
        if client.batch_execute(text.get(statement.range.clone())?).await.is_err() {
            failing = Some(statement.range.start);
            break;
        }
    }
    client.batch_execute("rollback").await.ok()?;
    failing
}
