//! Tables. Every one has row-level security.

mod indexes;
mod keys;
mod lower;
mod rules;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::column::ColumnSpec;
use super::constraint::check::CheckSpec;
use super::constraint::foreign_key::ForeignKeySpec;
use super::constraint::unique::UniqueSpec;
use super::grant::Access;
use super::index::IndexSpec;
use super::policy::PolicySpec;
use super::retention::RetentionSpec;
use super::statement::Context;
use super::trigger::TriggerSpec;
use super::{Kind, Object, ObjectKind};
use crate::catalog::{Id, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::spec::{Entries, Text, Words};

/// A table.
#[derive(Debug, Clone, Spec)]
pub struct TableSpec {
    /// What a row is, for people.
    pub comment: Option<Text>,
    /// The schema; the module's by default.
    pub schema: Option<Text>,
    /// What it was called when it was released, `name` or `schema.name`: it is renamed, and keeps what is in it. Of no consequence once that is released.
    pub renamed_from: Option<Text>,
    /// Whether it is emptied by a crash, and faster for it.
    #[spec(default)]
    pub unlogged: bool,
    /// Templates whose columns, checks and triggers follow the table's own.
    #[spec(default)]
    pub templates: Words,
    /// Columns, in order.
    pub columns: Entries<ColumnSpec>,
    /// The columns of the primary key.
    #[spec(default)]
    pub primary_key: Words,
    /// The name of the primary key; `<table>_pkey` by default.
    pub primary_key_name: Option<Text>,
    /// Which roles may do what; everything else is revoked.
    #[spec(default)]
    pub access: Access,
    /// Whether rows are never changed: no UPDATE or TRUNCATE, DELETE by the table's retention function only.
    #[spec(default)]
    pub append_only: bool,
    /// Whether the owner, too, is subject to the policies.
    #[spec(default)]
    pub force_row_level_security: bool,
    /// Unique constraints.
    #[spec(default)]
    pub unique: Entries<UniqueSpec>,
    /// Check constraints.
    #[spec(default)]
    pub check: Entries<CheckSpec>,
    /// Foreign keys.
    #[spec(default)]
    pub foreign_key: Entries<ForeignKeySpec>,
    /// Indexes.
    #[spec(default)]
    pub index: Entries<IndexSpec>,
    /// Triggers.
    #[spec(default)]
    pub trigger: Entries<TriggerSpec>,
    /// Row-level security policies.
    #[spec(default)]
    pub policy: Entries<PolicySpec>,
    /// How long rows are kept, and the function that deletes older ones.
    pub retention: Option<RetentionSpec>,
}

/// A table without its parts, which are objects of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    #[serde(flatten)]
    pub name: QualifiedName,
    pub unlogged: bool,
    pub row_level_security: bool,
    pub force_row_level_security: bool,
}

impl ObjectKind for Table {
    const KIND: Kind = Kind::Table;
    const INTROSPECTION: &'static str = include_str!("../introspection/table.sql");

    fn id(&self) -> Id {
        Id::of(Kind::Table, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::global(Kind::Schema, &self.name.schema)]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let id = self.id();
        let lines = context.inline_of(&id).filter_map(|object| match object {
            Object::Column(column) => Some(column.definition()),
            Object::PrimaryKey(key) => Some(key.definition()),
            Object::Unique(key) => Some(key.definition()),
            Object::Check(check) => Some(check.definition()),
            _ => None,
        });
        let lines = lines.collect::<Vec<_>>().join(",\n  ");
        let unlogged = if self.unlogged { "UNLOGGED " } else { "" };
        let mut statements =
            vec![format!("CREATE {unlogged}TABLE {} (\n  {lines}\n);", self.name), format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", self.name)];
        if self.force_row_level_security {
            statements.push(format!("ALTER TABLE {} FORCE ROW LEVEL SECURITY;", self.name));
        }
        statements.push(format!("REVOKE ALL ON TABLE {} FROM {};", self.name, context.revoke_from));
        statements.extend(context.inline_of(&id).filter_map(|object| match object {
            Object::Column(column) => column.protection(context),
            _ => None,
        }));
        statements
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP TABLE {};", self.name)]
    }
    fn alter(&self, before: &Self, _context: &Context<'_>) -> Option<Vec<Alteration>> {
        let on = |change: &str| format!("ALTER TABLE {} {change};", self.name);
        let mut changes = Vec::new();
        if self.unlogged != before.unlogged {
            changes.push(Alteration::rewrite(on(if self.unlogged { "SET UNLOGGED" } else { "SET LOGGED" })));
        }
        if self.row_level_security != before.row_level_security {
            let word = if self.row_level_security { "ENABLE" } else { "DISABLE" };
            changes.push(Alteration::catalog(on(&format!("{word} ROW LEVEL SECURITY"))));
        }
        if self.force_row_level_security != before.force_row_level_security {
            let word = if self.force_row_level_security { "FORCE" } else { "NO FORCE" };
            changes.push(Alteration::catalog(on(&format!("{word} ROW LEVEL SECURITY"))));
        }
        Some(changes)
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        names.relation(&mut self.name);
    }
}
