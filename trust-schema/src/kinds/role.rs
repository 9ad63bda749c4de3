//! Roles that the platform brings. A spec refers to roles; it never creates, alters or drops one.

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::statement::Context;
use super::{Kind, ObjectKind};
use crate::catalog::Id;

/// A role that the spec may name.
#[derive(Debug, Clone, Spec)]
pub struct RoleSpec {
    /// Whether clients reach the database as this role. Everything is revoked from such roles before anything is granted.
    #[spec(default)]
    pub api: bool,
    /// Whether the role ignores row-level security.
    #[spec(default)]
    pub bypasses_row_security: bool,
}

/// A role on which the spec relies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub name: String,
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
}
