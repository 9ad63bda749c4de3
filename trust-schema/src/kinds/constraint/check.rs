//! Check constraints.

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use crate::catalog::{Expression, Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::kinds::statement::Context;
use crate::kinds::{Kind, ObjectKind};
use crate::spec::{SqlText, Text};
use crate::sql::identifier::quote;

/// A check over the columns of a row; its key is the constraint's name.
#[derive(Debug, Clone, Spec)]
pub struct CheckSpec {
    /// An SQL expression that is true, or unknown, for every row.
    pub check: SqlText,
    /// What it guarantees, for people.
    pub comment: Option<Text>,
}

/// A check constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub table: QualifiedName,
    pub name: String,
    pub expression: Expression,
}

impl Check {
    /// The clause in CREATE TABLE or ALTER TABLE … ADD.
    pub fn definition(&self) -> String {
        format!("CONSTRAINT {} CHECK ({})", quote(&self.name), self.expression.text())
    }
}

impl ObjectKind for Check {
    const KIND: Kind = Kind::Check;
    const INTROSPECTION: &'static str = include_str!("../introspection/check.sql");

    fn id(&self) -> Id {
        Id::part(Kind::Check, &self.table, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::of(Kind::Table, &self.table)]
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        super::add(&self.table, &self.definition())
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        super::drop(&self.table, &self.name)
    }
    fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        visit(&mut self.expression);
    }
    fn rename(&mut self, names: &Renaming, related: &[QualifiedName]) {
        names.expression(&mut self.expression, related);
        names.relation(&mut self.table);
    }
}
