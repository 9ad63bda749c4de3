//! Stable identities of objects.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::sql::identifier::quote;

/// Identity of an object: its kind and its name as PostgreSQL would print it, with the schema, quoted where needed.
/// Parts of a table follow its name after a dot (`column public.t.a`); functions carry their argument types.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    kind: Kind,
    name: Arc<str>,
}

impl Id {
    fn new(kind: Kind, name: String) -> Id {
        Id { kind, name: name.into() }
    }

    /// An object without a schema: a role, schema, extension, schedule, …
    pub fn global(kind: Kind, name: &str) -> Id {
        Id::new(kind, quote(name).into_owned())
    }

    /// An object in a schema.
    pub fn of(kind: Kind, name: &QualifiedName) -> Id {
        Id::new(kind, name.to_string())
    }

    /// A part of a table, view or type: a column, constraint, policy, trigger.
    pub fn part(kind: Kind, owner: &QualifiedName, name: &str) -> Id {
        Id::new(kind, format!("{owner}.{}", quote(name)))
    }

    /// A function, told from its overloads by its argument types.
    pub fn function(name: &QualifiedName, argument_types: &[&str]) -> Id {
        Id::new(Kind::Function, format!("{name}({})", argument_types.join(", ")))
    }

    /// The comment on another object.
    pub fn comment(target: &Id) -> Id {
        Id::new(Kind::Comment, target.to_string())
    }

    /// What a role (or PUBLIC) may do with another object.
    pub fn grant(target: &Id, grantee: &str) -> Id {
        Id::new(Kind::Grant, format!("{target} to {}", quote(grantee)))
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name without the kind.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind.word(), self.name)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let kind = Kind::ALL.iter().copied().filter(|kind| text.starts_with(kind.word())).max_by_key(|kind| kind.word().len());
        let name = kind.and_then(|kind| text[kind.word().len()..].strip_prefix(' ').map(|name| Id::new(kind, name.to_owned())));
        name.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no identity of an object")))
    }
}

/// A name in a schema, unquoted; displayed quoted where needed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QualifiedName {
    pub schema: Arc<str>,
    pub name: Arc<str>,
}

impl QualifiedName {
    pub fn new(schema: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> QualifiedName {
        QualifiedName { schema: schema.into(), name: name.into() }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", quote(&self.schema), quote(&self.name))
    }
}
