//! Row-level security policies.

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::predicate::PolicyExpression;
use super::statement::{Context, name_list};
use super::{Kind, ObjectKind};
use crate::catalog::{Expression, Id, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::spec::{Text, Words};
use crate::sql::identifier::quote;

/// The command to which a policy applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    All,
    Select,
    Insert,
    Update,
    Delete,
}

/// A policy; its key is the policy's name.
#[derive(Debug, Clone, Spec)]
pub struct PolicySpec {
    /// `all`, `select`, `insert`, `update` or `delete`.
    pub command: Command,
    /// The roles to which it applies; there is no default, since PostgreSQL's is every present and future role.
    pub to: Words,
    /// Which existing rows are seen: SQL, or `{ predicate = "…", arguments = […] }`.
    pub using: Option<PolicyExpression>,
    /// Which new rows are accepted.
    pub check: Option<PolicyExpression>,
    /// Whether it narrows what permissive policies allow, instead of adding to it.
    #[spec(default)]
    pub restrictive: bool,
    /// Whom it lets see what, for people.
    pub comment: Option<Text>,
}

/// A policy on a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub table: QualifiedName,
    pub name: String,
    pub command: Command,
    pub permissive: bool,
    /// Sorted; `public` stands for PUBLIC.
    pub roles: Vec<String>,
    #[serde(default)]
    pub using: Option<Expression>,
    #[serde(default)]
    pub check: Option<Expression>,
}

impl ObjectKind for Policy {
    const KIND: Kind = Kind::Policy;
    const INTROSPECTION: &'static str = include_str!("introspection/policy.sql");

    fn id(&self) -> Id {
        Id::part(Kind::Policy, &self.table, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::of(Kind::Table, &self.table)]
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        let mode = if self.permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
        let mut sql = format!(
            "CREATE POLICY {} ON {} AS {mode} FOR {} TO {}",
            quote(&self.name),
            self.table,
            self.command.label().to_uppercase(),
            name_list(&self.roles)
        );
        if let Some(using) = &self.using {
            sql.push_str(&format!("\n  USING ({})", using.text()));
        }
        if let Some(check) = &self.check {
            sql.push_str(&format!("\n  WITH CHECK ({})", check.text()));
        }
        vec![format!("{sql};")]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP POLICY {} ON {};", quote(&self.name), self.table)]
    }
    fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        self.using.iter_mut().chain(&mut self.check).for_each(visit);
    }
    /// Roles and conditions can be changed; not what it is for, and no condition can be taken away.
    fn alter(&self, before: &Self, _context: &Context<'_>) -> Option<Vec<Alteration>> {
        let takes = self.using.is_none() && before.using.is_some() || self.check.is_none() && before.check.is_some();
        if self.command != before.command || self.permissive != before.permissive || takes {
            return None;
        }
        let mut sql = format!("ALTER POLICY {} ON {}", quote(&self.name), self.table);
        if self.roles != before.roles {
            sql.push_str(&format!(" TO {}", name_list(&self.roles)));
        }
        if let Some(using) = self.using.as_ref().filter(|_| self.using != before.using) {
            sql.push_str(&format!("\n  USING ({})", using.text()));
        }
        if let Some(check) = self.check.as_ref().filter(|_| self.check != before.check) {
            sql.push_str(&format!("\n  WITH CHECK ({})", check.text()));
        }
        Some(vec![Alteration::catalog(format!("{sql};"))])
    }
    fn rename(&mut self, names: &Renaming, related: &[QualifiedName]) {
        self.expressions(&mut |expression| names.expression(expression, related));
        names.relation(&mut self.table);
    }
}
