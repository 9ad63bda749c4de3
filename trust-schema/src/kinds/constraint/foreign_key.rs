//! Foreign keys.

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use crate::catalog::{Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::kinds::statement::{Context, name_list};
use crate::kinds::{Kind, ObjectKind};
use crate::spec::{Text, Words};
use crate::sql::identifier::quote;

/// What happens to a row when the row that it refers to goes or changes its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    fn keyword(self) -> &'static str {
        match self {
            Action::NoAction => "NO ACTION",
            Action::Restrict => "RESTRICT",
            Action::Cascade => "CASCADE",
            Action::SetNull => "SET NULL",
            Action::SetDefault => "SET DEFAULT",
        }
    }
}

/// A foreign key; its key is the constraint's name.
#[derive(Debug, Clone, Spec)]
pub struct ForeignKeySpec {
    /// The columns that refer.
    pub columns: Words,
    /// The table to which they refer.
    pub references: Text,
    /// The columns there; its primary key by default.
    pub referenced_columns: Option<Words>,
    /// What happens when the row there is deleted.
    #[spec(default)]
    pub on_delete: Action,
    /// What happens when the key there changes.
    #[spec(default)]
    pub on_update: Action,
    /// What it guarantees, for people.
    pub comment: Option<Text>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    pub table: QualifiedName,
    pub name: String,
    pub columns: Vec<String>,
    pub references: QualifiedName,
    pub referenced_columns: Vec<String>,
    #[serde(default)]
    pub on_delete: Action,
    #[serde(default)]
    pub on_update: Action,
    /// The columns that `on_delete` sets, where it is not all of them (PostgreSQL 15 and later).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delete_columns: Vec<String>,
}

impl ForeignKey {
    /// The columns that refer, each with the one to which it refers.
    pub fn pairs(&self) -> impl Iterator<Item = [Id; 2]> {
        let of = |table, column: &String| Id::part(Kind::Column, table, column);
        self.columns.iter().zip(&self.referenced_columns).map(move |(own, referred)| [of(&self.table, own), of(&self.references, referred)])
    }
}

impl ObjectKind for ForeignKey {
    const KIND: Kind = Kind::ForeignKey;
    const INTROSPECTION: &'static str = include_str!("../introspection/foreign_key.sql");

    fn id(&self) -> Id {
        Id::part(Kind::ForeignKey, &self.table, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::of(Kind::Table, &self.table)]
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        let mut definition = format!(
            "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
            quote(&self.name),
            name_list(&self.columns),
            self.references,
            name_list(&self.referenced_columns)
        );
        for (event, action, columns) in [("DELETE", self.on_delete, self.delete_columns.as_slice()), ("UPDATE", self.on_update, &[])] {
            if action != Action::NoAction {
                let columns = if columns.is_empty() { String::new() } else { format!(" ({})", name_list(columns)) };
                definition.push_str(&format!(" ON {event} {}{columns}", action.keyword()));
            }
        }
        super::add(&self.table, &definition)
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        super::drop(&self.table, &self.name)
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        names.columns(&self.table, &mut self.columns);
        names.columns(&self.references, &mut self.referenced_columns);
        names.relation(&mut self.table);
        names.relation(&mut self.references);
    }
}
