//! What cannot be seen from two states, and somebody has declared.

use std::collections::BTreeMap;

use crate::catalog::{Expression, Id, Kind, QualifiedName};

/// What somebody wants of a change. Identities are those of the state that it leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    pub renames: Vec<Rename>,
    /// By enum, values that go, and what becomes of each.
    pub values: BTreeMap<Id, Vec<(String, String)>>,
    /// By column, what converts its values to the new type.
    pub conversions: BTreeMap<Id, Expression>,
    /// By column that comes, its value in the rows that there are.
    pub backfills: BTreeMap<Id, Expression>,
}

/// An object that gets another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rename {
    Schema {
        from: String,
        to: String,
    },
    /// A table, view, sequence or type, perhaps into another schema.
    Relation {
        kind: Kind,
        from: QualifiedName,
        to: QualifiedName,
    },
    /// A function, by its identity before.
    Function {
        id: Id,
        from: QualifiedName,
        to: QualifiedName,
    },
    /// A column of a table, whose name before is given.
    Column {
        table: QualifiedName,
        from: String,
        to: String,
    },
    /// An attribute of a composite type, or a column of a view, whose name before is given.
    Member {
        kind: Kind,
        of: QualifiedName,
        from: String,
        to: String,
    },
    /// A value of an enum, whose name before is given.
    Value {
        name: QualifiedName,
        from: String,
        to: String,
    },
}

impl Intent {
    pub fn is_empty(&self) -> bool {
        *self == Intent::default()
    }
}
