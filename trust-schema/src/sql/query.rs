//! Queries as trees.

use std::fmt;
use std::sync::Arc;

use sqlparser::ast::Query as Tree;

use super::Error;
use super::expression::{begin, convert, end};
use super::references::References;
use super::walk::Walker;

pub use super::walk_query::OutputColumn;

/// One query that passed [`fragment::check_expression`](super::fragment::check_expression), so that it can stand between parentheses.
/// Copied, compared and printed as an [`Expression`](super::expression::Expression) is.
#[derive(Clone)]
pub struct Query {
    text: String,
    tree: Arc<Tree>,
    columns: Vec<OutputColumn>,
    references: References,
}

impl fmt::Debug for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Query").field(&self.text).finish()
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Query {
    /// The tree of `sqlparser`: for analysis, never to be printed.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The columns that it returns, in order.
    pub fn columns(&self) -> &[OutputColumn] {
        &self.columns
    }

    /// The names of its columns; `None` when there is a `*`.
    pub fn column_names(&self) -> Option<Vec<&str>> {
        self.columns
            .iter()
            .map(|column| match column {
                OutputColumn::Named(name) => Some(name.as_str()),
                OutputColumn::Unnamed => Some("?column?"),
                OutputColumn::All(_) => None,
            })
            .collect()
    }

    /// Whether it locks rows (`for update`).
    pub fn locks_rows(&self) -> bool {
        !self.tree.locks.is_empty()
    }

    /// What it refers to. A column that belongs to nothing inside is [`Target::Outer`](super::references::Target::Outer).
    pub fn references(&self) -> &References {
        &self.references
    }
}

/// Reads exactly one SELECT, VALUES, TABLE or WITH without a statement that changes data, and without INTO.
///
/// # Errors
/// The text is not contained, is no single query, changes data, or holds a form that PostgreSQL does not have.
pub fn parse_query(text: &str) -> Result<Query, Error> {
    let mut parser = begin(text)?;
    let tree = parser.parse_query().map_err(|error| convert(&error, &parser, text))?;
    end(&parser, text)?;
    let mut walker = Walker::new(text);
    let columns = walker.query(&tree);
    let references = walker.finish()?;
    Ok(Query { text: text.to_owned(), tree: tree.into(), columns, references })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_postgresql_does() {
        for (text, expected) in [
            (
                "select a, t.b as \"C\", count(*), 1, x::int, '1'::int, now(), (select d from e), true from t",
                "a C count ?column? x int4 now d ?column?",
            ),
            ("values (1, 2), (3, 4)", "column1 column2"),
            ("with x as (select 1 as a) select a from x", "a"),
            (
                "select case when a then 1 end, case when a then b else c end, coalesce(a, b), array[1], exists (select 1)",
                "case c coalesce array exists",
            ),
            ("select a from t union all select b from u order by a limit 1", "a"),
            ("select date '2020-01-01', interval '1 day', extract(year from x), current_date", "date interval extract current_date"),
        ] {
            let query = parse_query(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(query.column_names().map(|names| names.join(" ")).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(parse_query("select *, t.* from t").ok().and_then(|query| query.column_names().map(|names| names.len())), None);
    }

    #[test]
    fn only_queries_pass() {
        for text in [
            "",
            "select 1; select 2",
            "select 1 into t",
            "insert into t values (1) returning 1",
            "delete from t",
            "with x as (delete from t returning *) select * from x",
            "with x as (insert into t values (1) returning *) select * from x",
            "create table t as select 1",
            "select 1)",
            "select 1 -- x",
            "1 + 1",
            "select top 1 a from t",
        ] {
            assert!(parse_query(text).is_err(), "{text}");
        }
        assert!(parse_query("select 1 from t for update").is_ok_and(|query| query.locks_rows()));
    }
}
