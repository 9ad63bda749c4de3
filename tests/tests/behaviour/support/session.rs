//! A session as PostgREST would hold it: each call in a transaction of its own, with the claims set for it alone.

use tokio_postgres::Client;
use trust_lite::Error;

use super::request::{Request, Statement, Table};
use super::{Cell, Outcome, name_of, record};

/// A connection with a role, and the claims of whoever is calling.
pub struct Session {
    client: Client,
    claims: Option<String>,
    cell: Cell,
}

/// A transaction that is open: `now()` stands still in it.
pub struct Turn<'a> {
    session: &'a Session,
}

impl Session {
    /// A session without claims.
    pub fn new(client: Client, cell: Cell) -> Self {
        Self { client, claims: None, cell }
    }

    /// The same session with other claims: the text of the setting, whatever it is.
    #[must_use]
    pub fn with_claims(mut self, claims: impl Into<String>) -> Self {
        self.claims = Some(claims.into());
        self
    }

    /// The connection, for what the generated client does not do.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens a transaction with the claims.
    pub async fn open(&self) -> Turn<'_> {
        let claims = self
            .claims
            .as_ref()
            .map_or_else(String::new, |claims| format!("select pg_catalog.set_config('request.jwt.claims', '{}', true)", claims.replace('\'', "''")));
        self.client.batch_execute(&format!("begin; {claims}")).await.expect("a transaction begins");
        Turn { session: self }
    }

    /// Calls a function in a transaction of its own, which is rolled back where the call fails.
    pub async fn attempt<R: Request>(&self, request: R) -> Result<R::Output, Error> {
        let turn = self.open().await;
        let outcome = turn.attempt(&request).await;
        turn.end(if outcome.is_ok() { "commit" } else { "rollback" }).await;
        outcome
    }

    /// Calls a function that has to succeed.
    pub async fn call<R: Request>(&self, request: R) -> R::Output {
        let function = request.function();
        self.attempt(request).await.unwrap_or_else(|error| panic!("{function} failed with {}: {error:?}", name_of(&error)))
    }

    /// Calls a function that has to fail, and returns the name of its error, or the SQLSTATE of an undeclared one.
    pub async fn refused<R: Request>(&self, request: R) -> String {
        let function = request.function();
        match self.attempt(request).await {
            Ok(_) => panic!("{function} should have failed"),
            Err(error) => name_of(&error),
        }
    }

    /// Calls a function whose result does not matter, with no transaction around it.
    pub async fn refused_statement(&self, request: &dyn Statement) -> String {
        let turn = self.open().await;
        let query = request.statement();
        let outcome = self.client.query(query.text.as_str(), &query.parameters).await.map_err(Error::from);
        turn.end("rollback").await;
        turn.note(request, outcome.as_ref().err());
        match outcome {
            Ok(_) => panic!("{} should have failed", request.function()),
            Err(error) => name_of(&error),
        }
    }

    /// Calls a function with arguments as SQL, for what the generated client cannot say: a null where the function takes a value.
    /// The call has to fail; returns the name of the error.
    pub async fn refused_sql(&self, function: &str, arguments: &str) -> String {
        let sql = format!("select public.{function}({arguments})");
        let error = self.run(&sql).await.expect_err(&sql);
        record(self.cell, function, Outcome::Failure(error.clone()));
        error
    }

    /// The rows of a table that the session sees.
    pub async fn rows<T: Table>(&self, condition: &str) -> Result<Vec<T>, Error> {
        let turn = self.open().await;
        let query = format!("select {} from {} where {condition}", T::COLUMNS, T::NAME);
        let outcome = self.client.query(&query, &[]).await;
        turn.end("rollback").await;
        Ok(outcome?.iter().map(T::read).collect::<Result<_, _>>()?)
    }

    /// The only row of a table that fulfils a condition.
    pub async fn row<T: Table>(&self, condition: &str) -> T {
        let mut rows = self.rows::<T>(condition).await.unwrap_or_else(|error| panic!("{}: {error:?}", T::NAME));
        assert_eq!(rows.len(), 1, "rows of {} where {condition}", T::NAME);
        rows.remove(0)
    }

    /// Runs SQL in a transaction with the claims; the name of the error where it fails.
    pub async fn run(&self, sql: &str) -> Result<(), String> {
        let turn = self.open().await;
        let outcome = self.client.batch_execute(sql).await;
        turn.end(if outcome.is_ok() { "commit" } else { "rollback" }).await;
        outcome.map_err(|error| name_of(&Error::from(error)))
    }

    /// The first column of the only row of a query, as text, in a transaction with the claims.
    pub async fn value(&self, sql: &str) -> Result<Option<String>, String> {
        let turn = self.open().await;
        let outcome = self.client.simple_query(sql).await;
        turn.end(if outcome.is_ok() { "commit" } else { "rollback" }).await;
        let messages = outcome.map_err(|error| name_of(&Error::from(error)))?;
        let row = messages.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        Ok(row.unwrap_or_else(|| panic!("{sql} returned no row")).get(0).map(str::to_owned))
    }

    /// A number that a query counts.
    pub async fn count(&self, sql: &str) -> i64 {
        let value = self.value(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{sql} is no number"))
    }
}

impl Turn<'_> {
    /// Calls a function in the open transaction.
    pub async fn attempt<R: Request>(&self, request: &R) -> Result<R::Output, Error> {
        let outcome = request.send(&self.session.client).await;
        self.note(request, outcome.as_ref().err());
        outcome
    }

    /// Calls a function that has to succeed in the open transaction.
    pub async fn call<R: Request>(&self, request: R) -> R::Output {
        self.attempt(&request).await.unwrap_or_else(|error| panic!("{} failed with {}: {error:?}", request.function(), name_of(&error)))
    }

    /// Ends the transaction.
    pub async fn end(&self, how: &str) {
        self.session.client.batch_execute(how).await.unwrap_or_else(|error| panic!("{how}: {error:?}"));
    }

    fn note(&self, request: &(impl Statement + ?Sized), error: Option<&Error>) {
        let outcome = error.map_or(Outcome::Success, |error| Outcome::Failure(name_of(error)));
        record(self.session.cell, &request.function(), outcome);
    }
}
