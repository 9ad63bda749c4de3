//! Extensions of the platform: required and checked, never created or dropped.

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::statement::Context;
use super::{Kind, ObjectKind};
use crate::catalog::{Id, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::spec::Text;
use crate::sql::{comment, quoted};

/// An extension that must be installed before the first migration.
#[derive(Debug, Clone, Spec)]
pub struct ExtensionSpec {
    /// The schema in which it must be installed.
    pub schema: Text,
}

/// An extension on which the spec relies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub name: String,
    pub schema: String,
}

impl ObjectKind for Extension {
    const KIND: Kind = Kind::Extension;
    const INTROSPECTION: &'static str = include_str!("introspection/extension.sql");

    fn id(&self) -> Id {
        Id::global(Kind::Extension, &self.name)
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        let message = format!("extension {} must be installed in schema {} before this migration", self.name, self.schema);
        let body = format!(
            "\nBEGIN\n  IF NOT EXISTS (SELECT FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace\n                 WHERE e.extname = {} AND n.nspname = {}) THEN\n    RAISE EXCEPTION USING MESSAGE = {};\n  END IF;\nEND\n",
            quoted::quoted(&self.name),
            quoted::quoted(&self.schema),
            quoted::quoted(&message),
        );
        vec![format!(
            "{}\nDO {};",
            comment::line_comment("required of the platform, never created or dropped"),
            quoted::dollar_quoted(&body, "check")
        )]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        Vec::new()
    }
    fn alter(&self, _before: &Self, context: &Context<'_>) -> Option<Vec<Alteration>> {
        Some(Alteration::replace(self.create(context)))
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        names.schema(&mut self.schema);
    }
}
