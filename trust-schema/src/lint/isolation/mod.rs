//! Whether a policy keeps tenants apart: decided for every row and session, in three-valued logic.
//!
//! Of a condition the fragment is understood that consists of comparisons by equality between columns, constants and the caller, of
//! membership in the caller's tenants, and of what connects them. In it a condition that holds for a row of somebody else holds for one whose
//! columns take few values: the constants that are named, and as many others as there are columns. So all of these are tried. Whatever else
//! stands in the condition may have any value, and so may hide a proof or a witness, and never makes one up.
//!
//! A row may belong to a tenant through another only: by a foreign key to it. The columns of that other row are then tried with those of the
//! row, and so is whether the caller's own policies there show it to him, where a condition asks for it.

mod exists;
mod formula;
mod parents;
mod policies;
mod scopes;
mod search;

use std::collections::BTreeMap;

use super::expression::{Call, Tree};
use crate::catalog::QualifiedName;

pub use policies::of_policies;
pub use search::{ParentRow, Value, Witness};

/// The forms of columns of which it is certain when two values are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparable {
    Uuid,
    Text,
    Integer,
    Boolean,
}

/// What is known of a column.
#[derive(Debug, Clone, Copy)]
pub struct ColumnFacts {
    /// `None` where values can be equal and written differently.
    pub comparable: Option<Comparable>,
    pub not_null: bool,
}

/// A table that says which users belong to which tenant.
#[derive(Debug, Clone, Copy)]
pub struct Membership<'a> {
    pub table: &'a QualifiedName,
    pub tenant: &'a str,
    pub user: &'a str,
}

/// Which rows of a table a caller is shown where a condition asks for them.
#[derive(Debug, Clone, Default)]
pub enum Shown<'a> {
    /// Row-level security does not apply.
    All,
    /// Nobody knows.
    #[default]
    Unknown,
    /// Those that one of the permissive policies and all of the restrictive ones let pass; none of a policy that could not be read.
    Policies { permissive: Vec<Option<&'a Tree>>, restrictive: Vec<Option<&'a Tree>> },
}

/// The row on which a row hangs: by a foreign key there is one and no other, where none of the key's columns is NULL.
#[derive(Debug, Clone)]
pub struct Parent<'a> {
    pub table: &'a QualifiedName,
    /// The columns of the key, each with the one there.
    pub key: Vec<(&'a str, &'a str)>,
    pub tenant: Option<&'a str>,
    pub users: Vec<&'a str>,
    /// Its rows belong to nobody.
    pub shared: bool,
    pub columns: BTreeMap<&'a str, ColumnFacts>,
    /// What is true, or unknown, of every row there.
    pub checks: Vec<Tree>,
    pub shown: Shown<'a>,
    /// Those on which it hangs itself.
    pub parents: Vec<Parent<'a>>,
}

/// What a condition is about.
#[derive(Debug, Default)]
pub struct Ground<'a> {
    /// The column that names the tenant.
    pub tenant: Option<&'a str>,
    /// The columns that name a user.
    pub users: Vec<&'a str>,
    pub columns: BTreeMap<&'a str, ColumnFacts>,
    /// Functions without arguments that return tenants of the caller, and no others.
    pub context: &'a [QualifiedName],
    pub memberships: &'a [Membership<'a>],
    /// What is true, or unknown, of every row.
    pub checks: &'a [Tree],
    /// The rows on which the row hangs. Where it names no tenant itself, it belongs to theirs.
    pub parents: &'a [Parent<'a>],
}

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The condition holds for no row of somebody else, whoever asks.
    Proved,
    /// It holds for this one.
    Refuted(Witness),
    /// Neither: something else stands in it, or there is too much of it.
    Undecided,
}

/// Decides whether a condition holds for a row that names a tenant or user, and neither a tenant of the caller nor the caller.
pub fn decide(condition: &Tree, ground: &Ground<'_>) -> Verdict {
    let mut reader = formula::Reader::new(ground);
    let condition = reader.formula(condition);
    let checks = reader.checks();
    search::search(&condition, &checks, reader.finish())
}

impl Ground<'_> {
    fn is_context(&self, call: &Call) -> bool {
        call.arguments.is_empty() && self.context.iter().any(|name| call.is(&name.schema, &name.name))
    }

    /// The table of memberships of a name.
    fn membership(&self, schema: &Option<String>, table: &str) -> Option<&Membership<'_>> {
        let schema = schema.as_deref()?;
        self.memberships.iter().find(|known| *known.table.schema == *schema && *known.table.name == *table)
    }
}
