//! Unique constraints.

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use crate::catalog::{Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::kinds::statement::{Context, name_list};
use crate::kinds::{Kind, ObjectKind};
use crate::spec::{Text, Words};
use crate::sql::identifier::quote;

/// A unique constraint; its key is the constraint's name.
#[derive(Debug, Clone, Spec)]
pub struct UniqueSpec {
    /// The columns whose values together are unique.
    pub columns: Words,
    /// Further columns that the index carries.
    #[spec(default)]
    pub include: Words,
    /// Whether NULL counts as a value, so that it may occur once (PostgreSQL 15 and later).
    #[spec(default)]
    pub nulls_not_distinct: bool,
    /// What it guarantees, for people.
    pub comment: Option<Text>,
}

/// A unique constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    pub table: QualifiedName,
    pub name: String,
    pub columns: Vec<String>,
    #[serde(default)]
    pub include: Vec<String>,
    #[serde(default)]
    pub nulls_not_distinct: bool,
}

impl Unique {
    /// The clause in CREATE TABLE or ALTER TABLE … ADD.
    pub fn definition(&self) -> String {
        let nulls = if self.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
        let include = if self.include.is_empty() { String::new() } else { format!(" INCLUDE ({})", name_list(&self.include)) };
        format!("CONSTRAINT {} UNIQUE{nulls} ({}){include}", quote(&self.name), name_list(&self.columns))
    }
}

impl ObjectKind for Unique {
    const KIND: Kind = Kind::Unique;
    const INTROSPECTION: &'static str = include_str!("../introspection/unique.sql");

    fn id(&self) -> Id {
        Id::part(Kind::Unique, &self.table, &self.name)
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
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        names.columns(&self.table, &mut self.columns);
        names.columns(&self.table, &mut self.include);
        names.relation(&mut self.table);
    }
}
