//! Everything that a database holds, object by object, each with the statements that make it: what the Catalog has a word for, and what it has not.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Id;

/// An object of PostgreSQL: the catalog that lists it and its number there. Parts that have no number of their own (an option, a column) have
/// the number of their object and one within it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub catalog: String,
    pub oid: i64,
    pub part: i32,
}

impl Key {
    pub fn object(catalog: impl Into<String>, oid: i64) -> Key {
        Key { catalog: catalog.into(), oid, part: 0 }
    }
}

/// What can be done with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Statements make it.
    Object,
    /// Statements change another object.
    Part,
    /// As a part, where that other object is made from the model, which has another default.
    UnlessRaw,
    /// It comes with another object.
    Alias,
    /// An extension.
    Extension,
    /// Default privileges; their statements are those of their entries.
    DefaultPrivileges,
    /// It cannot be in a migration, for this reason.
    Report(String),
}

/// An object, or something that is special about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// PostgreSQL's words for its kind.
    pub class: String,
    pub key: Key,
    pub schema: Option<String>,
    /// Its bare name, where it has one.
    pub name: Option<String>,
    /// Its kind and name as `pg_identify_object` tells them; of an object only.
    pub identity: Option<(String, String)>,
    /// Who it is in the Catalog, where the Catalog says all of it.
    pub id: Option<Id>,
    /// Statements that make it.
    pub up: Option<String>,
    /// Statements that undo that, where they are not a plain DROP.
    pub down: Option<String>,
    pub owner: Option<String>,
    /// The object of which it is a part.
    pub of: Option<Key>,
    pub fate: Fate,
}

impl Item {
    /// Its kind and name for people.
    pub fn label(&self) -> String {
        let name = match (&self.identity, &self.schema, &self.name) {
            (Some((_, identity)), ..) => identity.clone(),
            (None, Some(schema), Some(name)) => format!("{}.{}", crate::sql::identifier::quote(schema), crate::sql::identifier::quote(name)),
            (None, None, Some(name)) => crate::sql::identifier::quote(name).into_owned(),
            _ => String::new(),
        };
        format!("{} {name}", self.class).trim_end().to_owned()
    }
}

/// An entry of an ACL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Privilege {
    /// The object as GRANT names it; of default privileges the kind of objects.
    pub target: String,
    /// A column; of default privileges the clause that names the schema.
    pub column: String,
    /// Empty for PUBLIC.
    pub grantee: String,
    pub word: String,
    pub grantable: bool,
    /// Whether the owner granted it.
    pub by_owner: bool,
}

/// A comment on an object or on a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub part: i32,
    /// As `pg_identify_object` tells it.
    pub kind: String,
    pub identity: String,
    pub text: String,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    pub superuser: bool,
    pub login: bool,
    pub bypasses_row_security: bool,
    pub inherits: bool,
    pub member_of: Vec<String>,
}

/// A function or type of an extension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    pub schema: String,
    pub name: String,
    /// Types.
    pub arguments: Vec<String>,
    pub returns: String,
}

/// Something that no migration can hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    pub class: String,
    pub name: String,
    pub reason: String,
}

/// Everything that a database holds outside of PostgreSQL's own schemas and of extensions.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    pub items: Vec<Item>,
    /// What needs what: objects as PostgreSQL lists them.
    pub needs: Vec<(Key, Key)>,
    pub privileges: BTreeMap<Key, Vec<Privilege>>,
    pub comments: BTreeMap<Key, Vec<Remark>>,
    pub roles: BTreeMap<String, Role>,
    /// What is no object.
    pub told: BTreeSet<Told>,
    /// Extensions and their schemas.
    pub extensions: BTreeMap<String, String>,
    /// Functions of extensions.
    pub functions: Vec<Member>,
    /// Types of extensions.
    pub types: Vec<Member>,
    pub user: String,
    pub database: String,
}
