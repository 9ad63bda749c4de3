//! The statement of a function call.

use tokio_postgres::types::ToSql;

/// A statement and the values of its parameters.
#[derive(Debug)]
pub struct Query<'a> {
    /// The statement.
    pub text: String,
    /// The values of `$1`, `$2`, …
    pub parameters: Vec<&'a (dyn ToSql + Sync)>,
}

/// A call that is being put together.
#[derive(Debug)]
pub struct Call<'a> {
    query: Query<'a>,
}

impl<'a> Call<'a> {
    /// Starts `select <what> from <function>(`, or `select <function>(` if `what` is `None`. `function` is quoted.
    pub fn new(function: &str, what: Option<&str>) -> Self {
        let text = match what {
            Some(what) => format!("select {what} from {function}("),
            None => format!("select {function}("),
        };
        Call { query: Query { text, parameters: Vec::new() } }
    }

    /// Adds `name => $n::cast`. `name` is quoted; `cast` is one type or several, joined by `::`.
    pub fn argument(&mut self, name: &str, cast: &str, value: &'a (dyn ToSql + Sync)) {
        let comma = if self.query.parameters.is_empty() { "" } else { ", " };
        self.query.parameters.push(value);
        let number = self.query.parameters.len();
        self.query.text.push_str(&format!("{comma}{name} => ${number}::{cast}"));
    }

    /// Ends the call; `cast` is what follows it, `::text` or nothing.
    pub fn finish(mut self, cast: &str) -> Query<'a> {
        self.query.text.push(')');
        self.query.text.push_str(cast);
        self.query
    }
}
