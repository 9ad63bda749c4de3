//! Primary keys.

use serde::{Deserialize, Serialize};

use crate::catalog::{Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::kinds::statement::{Context, name_list};
use crate::kinds::{Kind, ObjectKind};
use crate::sql::identifier::quote;

/// The primary key of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryKey {
    pub table: QualifiedName,
    pub name: String,
    pub columns: Vec<String>,
}

impl PrimaryKey {
    /// The clause in CREATE TABLE or ALTER TABLE … ADD.
    pub fn definition(&self) -> String {
        format!("CONSTRAINT {} PRIMARY KEY ({})", quote(&self.name), name_list(&self.columns))
    }
}

impl ObjectKind for PrimaryKey {
    const KIND: Kind = Kind::PrimaryKey;
    const INTROSPECTION: &'static str = include_str!("../introspection/primary_key.sql");

    fn id(&self) -> Id {
        Id::part(Kind::PrimaryKey, &self.table, &self.name)
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
        names.relation(&mut self.table);
    }
}
