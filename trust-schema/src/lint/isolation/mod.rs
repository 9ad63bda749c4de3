//! Whether a policy keeps tenants apart: decided for every row and session, in three-valued logic.
//!
//! Of a condition the fragment is understood that consists of comparisons by equality between columns, constants and the caller, of
//! membership in the caller's tenants, and of what connects them. In it a condition that holds for a row of somebody else holds for one whose
//! columns take few values: the constants that are named, and as many others as there are columns. So all of these are tried. Whatever else
//! stands in the condition may have any value, and so may hide a proof or a witness, and never makes one up.

mod formula;
mod policies;
mod search;

use std::collections::BTreeMap;

use super::expression::{Call, Query, Tree};
use crate::catalog::QualifiedName;

pub use policies::of_policies;
pub use search::{Value, Witness};

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
    let checks: Vec<formula::Formula> = ground.checks.iter().map(|check| reader.formula(check)).collect();
    search::search(&condition, &checks, reader.finish())
}

impl Ground<'_> {
    fn is_context(&self, call: &Call) -> bool {
        call.arguments.is_empty() && self.context.iter().any(|name| call.is(&name.schema, &name.name))
    }

    fn membership(&self, query: &Query) -> Option<&Membership<'_>> {
        let [(Some(schema), table)] = query.relations.as_slice() else { return None };
        let called = |known: &&Membership<'_>| *known.table.schema == **schema && *known.table.name == **table;
        self.memberships.iter().find(called).filter(|_| query.calls.is_empty())
    }
}
