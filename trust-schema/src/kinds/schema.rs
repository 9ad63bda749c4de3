//! Schemas.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::grant::Access;
use super::statement::Context;
use super::{Kind, ObjectKind, Section};
use crate::catalog::{Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::names::{Declaring, Lowering};
use crate::spec::{Entries, Text};
use crate::sql::identifier::quote;

/// A schema that the spec creates. Nobody but its owner may use it unless `access` says so.
#[derive(Debug, Clone, Spec)]
pub struct SchemaSpec {
    /// What the schema holds, for people.
    pub comment: Option<Text>,
    /// What it was called when it was released: it is renamed, and keeps what is in it. Of no consequence once that is released.
    pub renamed_from: Option<Text>,
    /// Which roles may use it: `{ service_role = ["usage"] }`.
    #[spec(default)]
    pub access: Access,
}

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    pub name: String,
}

impl ObjectKind for Schema {
    const KIND: Kind = Kind::Schema;
    const INTROSPECTION: &'static str = include_str!("introspection/schema.sql");

    fn id(&self) -> Id {
        Id::global(Kind::Schema, &self.name)
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let name = quote(&self.name);
        vec![format!("CREATE SCHEMA {name};"), format!("REVOKE ALL ON SCHEMA {name} FROM {};", context.revoke_from)]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP SCHEMA {};", quote(&self.name))]
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        names.schema(&mut self.name);
    }
}

impl Section for Entries<SchemaSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, _) in self.iter() {
            declaring.schema(name);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let id = lowering.add(Schema { name: name.value.clone() }, BTreeSet::new(), name.span);
            lowering.comment(&id, spec.comment.as_ref());
            lowering.renamed(&id, spec.renamed_from.as_ref());
            lowering.access(&id, &spec.access, &[]);
        }
    }
}
