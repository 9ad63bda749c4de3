//! What the emitters of programming languages have in common: relations, types, functions and errors as plain values, gathered once from a
//! resolution. Nothing in here knows a language; [`names`] has the conversions of names that several of them need.

pub mod names;

mod build;
mod functions;
mod relations;
mod types;

use std::collections::BTreeSet;

use crate::catalog::{Id, QualifiedName};
use crate::source::Span;

pub use types::{Builtin, Type};

/// Everything that a client of the database can see of a spec. Every list is in the order of the names.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub project: String,
    pub enums: Vec<Enum>,
    pub composites: Vec<Composite>,
    pub domains: Vec<Domain>,
    pub tables: Vec<Relation>,
    pub views: Vec<Relation>,
    /// All functions, those that no client may call included: see [`Function::executed_by`].
    pub functions: Vec<Function>,
    pub errors: Vec<Error>,
}

/// An enum.
#[derive(Debug, Clone)]
pub struct Enum {
    pub name: QualifiedName,
    /// In the order of the type.
    pub labels: Vec<String>,
    pub comment: Option<String>,
    pub span: Option<Span>,
}

/// A composite type.
#[derive(Debug, Clone)]
pub struct Composite {
    pub name: QualifiedName,
    pub attributes: Vec<Field>,
    pub comment: Option<String>,
    pub span: Option<Span>,
}

/// A name and a type. Whether it may be NULL is for its owner to say: an attribute always may.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub data_type: DataType,
}

/// A domain.
#[derive(Debug, Clone)]
pub struct Domain {
    pub name: QualifiedName,
    pub base: DataType,
    pub not_null: bool,
    pub comment: Option<String>,
    pub span: Option<Span>,
}

/// A type, as SQL and as what it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataType {
    /// As PostgreSQL prints it; outside `pg_catalog` with the schema, quoted where needed.
    pub sql: String,
    pub form: Type,
}

/// A table or a view.
#[derive(Debug, Clone)]
pub struct Relation {
    pub id: Id,
    pub name: QualifiedName,
    /// In order.
    pub columns: Vec<Column>,
    pub primary_key: Vec<String>,
    /// In the order of their names. A view has none.
    pub foreign_keys: Vec<ForeignKey>,
    pub comment: Option<String>,
    pub span: Option<Span>,
}

/// A column of a table or a view.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub data_type: DataType,
    /// Of a view every column may be NULL: PostgreSQL does not say otherwise.
    pub nullable: bool,
    pub default: Option<String>,
    pub generated: bool,
    pub identity: Option<Identity>,
    pub comment: Option<String>,
}

impl Column {
    /// Whether an INSERT may leave it out, although it is not NULL.
    pub fn has_default(&self) -> bool {
        self.default.is_some() || self.generated || self.identity.is_some()
    }

    /// Whether PostgreSQL refuses a value for it.
    pub fn is_computed(&self) -> bool {
        self.generated || self.identity == Some(Identity::Always)
    }
}

/// Who gives an identity column its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    Always,
    ByDefault,
}

/// A foreign key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    pub name: String,
    pub columns: Vec<String>,
    pub references: QualifiedName,
    pub referenced_columns: Vec<String>,
    /// Whether at most one row refers to each row: the columns hold a key of the table.
    pub one_to_one: bool,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    pub id: Id,
    pub name: QualifiedName,
    pub arguments: Vec<Argument>,
    pub returns: Returns,
    pub summary: String,
    /// What it can raise, by name and in the order of names.
    pub errors: BTreeSet<String>,
    /// The roles that may execute it.
    pub roles: BTreeSet<String>,
    /// Those of them under which clients come, and that may use its schema.
    pub executed_by: BTreeSet<String>,
    pub span: Option<Span>,
}

/// An argument of a function.
#[derive(Debug, Clone)]
pub struct Argument {
    pub name: String,
    pub data_type: DataType,
    /// The SQL of its default.
    pub default: Option<String>,
}

/// What a function answers.
#[derive(Debug, Clone)]
pub enum Returns {
    Nothing,
    /// Exactly one value.
    Value {
        data_type: DataType,
        nullable: bool,
    },
    /// Any number of values, or of rows of a table.
    Set {
        data_type: DataType,
        nullable: bool,
    },
    /// Rows with columns of their own; `one` where there is exactly one.
    Rows {
        columns: Vec<ResultColumn>,
        one: bool,
    },
}

/// A column of what a function returns.
#[derive(Debug, Clone)]
pub struct ResultColumn {
    pub name: String,
    pub data_type: DataType,
    pub nullable: bool,
}

/// A declared error.
#[derive(Debug, Clone)]
pub struct Error {
    pub name: String,
    pub sqlstate: String,
    pub status: u16,
    pub summary: String,
}
