//! Expressions of policies and checks as small trees: what the rules have to tell apart, and nothing else.
//!
//! A tree is made of the author's text or of PostgreSQL's own print of it; both give the same tree where they mean the same.

mod convert;
mod truth;
mod walk;

pub use convert::tree;
pub use truth::{Assumption, Truth, truth};

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    True,
    False,
    Null,
    Literal(String),
    /// A column of the row for which the expression is evaluated.
    Column(String),
    /// Another column, or one of which it cannot be told whose it is; with the name of the relation, where one is written.
    Foreign {
        of: Option<String>,
        column: String,
    },
    Call(Call),
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Binary {
        operator: String,
        left: Box<Tree>,
        right: Box<Tree>,
    },
    /// `left operator any (right)`, or `all`.
    Any {
        operator: String,
        left: Box<Tree>,
        right: Box<Tree>,
    },
    IsNull(Box<Tree>),
    /// `left is distinct from right`
    IsDistinct(Box<Tree>, Box<Tree>),
    /// `value is true` and the like: the word.
    Is(Box<Tree>, Test),
    InList {
        value: Box<Tree>,
        list: Vec<Tree>,
    },
    InQuery {
        value: Box<Tree>,
        query: Box<Query>,
    },
    Exists(Box<Query>),
    /// A sub-query that stands for a value, and `array(select …)`.
    Scalar(Box<Query>),
    Array(Box<Query>),
    Cast {
        value: Box<Tree>,
        data_type: String,
    },
    /// Anything else, with what it is made of.
    Other(Vec<Tree>),
}

/// What `is …` asks of a boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    True,
    False,
    Unknown,
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub schema: Option<String>,
    pub name: String,
    pub arguments: Vec<Tree>,
}

/// A sub-query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Relations of its FROM clauses: schema and name.
    pub relations: Vec<(Option<String>, String)>,
    /// Under which name each of these is known in it.
    pub aliases: Vec<String>,
    /// Calls in its FROM clauses.
    pub calls: Vec<Call>,
    /// What it returns.
    pub output: Vec<Tree>,
    /// Its WHERE clause and what else it holds.
    pub conditions: Vec<Tree>,
    /// It returns one row at most: it aggregates, has LIMIT 1, or no FROM clause.
    pub single: bool,
    /// It has rows where its FROM and WHERE clauses have, and nowhere else: no outer join, no aggregate, no OFFSET, nothing of the kind.
    pub plain: bool,
}

impl Tree {
    /// A column of which nothing is known but that it may be one.
    pub fn unknown_column() -> Tree {
        Tree::Foreign { of: None, column: String::new() }
    }
}

impl Call {
    /// Whether it tells something about who is calling.
    pub fn is_session(&self) -> bool {
        match self.schema.as_deref() {
            Some("auth") => matches!(self.name.as_str(), "uid" | "role" | "email" | "jwt"),
            None | Some("pg_catalog") => self.name == "current_setting",
            _ => false,
        }
    }

    /// Whether it tells under which role of the database the statement runs.
    pub fn is_database_role(&self) -> bool {
        self.schema.is_none() && matches!(self.name.as_str(), "current_user" | "session_user" | "current_role" | "user")
    }

    /// `schema.name`, as it is known without a schema.
    pub fn is(&self, schema: &str, name: &str) -> bool {
        self.name == name && self.schema.as_deref().unwrap_or("pg_catalog") == schema
    }
}
