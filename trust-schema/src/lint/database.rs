//! What a database holds besides the Catalog: relations of other kinds, procedures, roles, what new objects are granted, what is published.

use serde::Deserialize;

use crate::catalog::{Id, Kind, QualifiedName};

/// Facts of a live database, outside of PostgreSQL's own schemas and of extensions.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Database {
    pub relations: Vec<Relation>,
    pub procedures: Vec<Procedure>,
    /// Roles that are not PostgreSQL's own.
    pub roles: Vec<Role>,
    pub memberships: Vec<Membership>,
    pub default_privileges: Vec<DefaultPrivilege>,
    pub publications: Vec<Published>,
    /// Constraints that say nothing of the rows that were there before them.
    pub not_validated: Vec<Part>,
    pub disabled_triggers: Vec<Part>,
    pub rewrite_rules: Vec<Part>,
    /// Tables, partitions and views, each with the role that owns it.
    pub owners: Vec<Owned>,
}

/// A relation that the Catalog has no word for.
#[derive(Debug, Clone, Deserialize)]
pub struct Relation {
    #[serde(flatten)]
    pub name: QualifiedName,
    pub kind: RelationKind,
    /// Who may read it, PUBLIC by that name.
    pub readers: Vec<String>,
    /// Who may change what is in it.
    pub writers: Vec<String>,
}

/// Which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    MaterializedView,
    ForeignTable,
}

impl Relation {
    /// The identity of the kind that it is most like.
    pub fn id(&self) -> Id {
        match self.kind {
            RelationKind::MaterializedView => Id::of(Kind::View, &self.name),
            RelationKind::ForeignTable => Id::of(Kind::Table, &self.name),
        }
    }
}

/// A procedure.
#[derive(Debug, Clone, Deserialize)]
pub struct Procedure {
    #[serde(flatten)]
    pub name: QualifiedName,
    /// Types.
    pub arguments: Vec<String>,
    pub is_definer: bool,
    pub callers: Vec<String>,
}

/// A role.
#[derive(Debug, Clone, Deserialize)]
pub struct Role {
    pub name: String,
    pub is_superuser: bool,
    pub bypasses_row_security: bool,
}

/// Who can act as whom, directly or through others.
#[derive(Debug, Clone, Deserialize)]
pub struct Membership {
    pub member: String,
    pub role: String,
    /// Whether the privileges count without SET ROLE.
    pub inherits: bool,
}

/// What new objects are granted, whoever makes them.
#[derive(Debug, Clone, Deserialize)]
pub struct DefaultPrivilege {
    /// In which schema; everywhere where there is none.
    pub schema: Option<String>,
    /// `tables`, `sequences`, …
    pub objects: String,
    pub grantee: String,
    pub privileges: Vec<String>,
}

/// A table in a publication.
#[derive(Debug, Clone, Deserialize)]
pub struct Published {
    pub publication: String,
    #[serde(flatten)]
    pub table: QualifiedName,
}

/// A part of a table.
#[derive(Debug, Clone, Deserialize)]
pub struct Part {
    #[serde(flatten)]
    pub table: QualifiedName,
    pub part: String,
    /// A word for what it is: `check`, `foreign_key`, `trigger`, `rule`.
    pub word: String,
}

/// A relation and its owner.
#[derive(Debug, Clone, Deserialize)]
pub struct Owned {
    #[serde(flatten)]
    pub name: QualifiedName,
    pub is_view: bool,
    pub owner: String,
}

impl Database {
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// As whom a role can act besides itself.
    pub fn memberships_of<'d>(&'d self, member: &'d str) -> impl Iterator<Item = &'d Membership> {
        self.memberships.iter().filter(move |membership| membership.member == member)
    }
}
