//! Roles that the platform brings. A spec refers to roles; it never creates, alters or drops one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::statement::Context;
use super::{Kind, ObjectKind};
use crate::catalog::{Id, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::names::Lowering;
use crate::spec::{Name, Words};

/// A role that the spec may name.
#[derive(Debug, Clone, Spec)]
pub struct RoleSpec {
    /// Whether clients reach the database as this role. Everything is revoked from such roles before anything is granted.
    #[spec(default)]
    pub api: bool,
    /// Whether the role ignores row-level security.
    #[spec(default)]
    pub bypasses_row_security: bool,
    /// Whether somebody can log in as this role.
    #[spec(default)]
    pub login: bool,
    /// The roles of which it is a member: it may become them by SET ROLE.
    #[spec(default)]
    pub member_of: Words,
    /// Whether it has the privileges of these roles without SET ROLE, too (`INHERIT`); true by default.
    pub inherits: Option<bool>,
}

/// The role that deploys the migrations and so owns every object.
#[derive(Debug, Clone, Default, Spec)]
pub struct OwnerSpec {
    /// Whether it ignores row-level security, even where a table forces it on its owner.
    #[spec(default)]
    pub bypasses_row_security: bool,
    /// The roles of which it is a member.
    #[spec(default)]
    pub member_of: Words,
}

/// A role on which the spec relies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub name: String,
    #[serde(default)]
    pub login: bool,
    #[serde(default)]
    pub bypasses_row_security: bool,
    /// Roles that it may become by SET ROLE.
    #[serde(default)]
    pub member_of: BTreeSet<String>,
    /// Whether it has their privileges at once.
    #[serde(default = "yes")]
    pub inherits: bool,
}

/// What is known of the role that owns every object: not its name, which migrations never mention.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub bypasses_row_security: bool,
    pub member_of: BTreeSet<String>,
}

fn yes() -> bool {
    true
}

impl RoleSpec {
    /// Adds the role.
    pub fn lower(&self, name: &Name, lowering: &mut Lowering<'_>) {
        let role = Role {
            name: name.value.clone(),
            login: self.login,
            bypasses_row_security: self.bypasses_row_security,
            member_of: members(&self.member_of, lowering),
            inherits: self.inherits.unwrap_or(true),
        };
        lowering.add(role, BTreeSet::new(), name.span);
    }
}

impl OwnerSpec {
    /// What is known of the owner.
    pub fn lower(&self, lowering: &mut Lowering<'_>) -> Owner {
        Owner { bypasses_row_security: self.bypasses_row_security, member_of: members(&self.member_of, lowering) }
    }
}

/// Roles of which another one is a member. Those that PostgreSQL itself brings need no declaration.
fn members(words: &Words, lowering: &mut Lowering<'_>) -> BTreeSet<String> {
    let predefined = |name: &str| name.starts_with("pg_");
    words.iter().filter_map(|word| if predefined(&word.value) { Some(word.value.clone()) } else { lowering.role(word) }).collect()
}

impl ObjectKind for Role {
    const KIND: Kind = Kind::Role;
    const INTROSPECTION: &'static str = "";

    fn id(&self) -> Id {
        Id::global(Kind::Role, &self.name)
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        Vec::new()
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        Vec::new()
    }
    /// Roles are the platform's.
    fn alter(&self, _before: &Self, _context: &Context<'_>) -> Option<Vec<Alteration>> {
        Some(Vec::new())
    }
    // No change of names reaches it.
    fn rename(&mut self, _names: &Renaming, _related: &[QualifiedName]) {}
}
