//! SQL for what the model does not cover: with its undoing and a check, or not at all.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::statement::Context;
use super::{Kind, ObjectKind, Section};
use crate::catalog::{Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::names::Lowering;
use crate::spec::{Entries, SqlText, Text, Words};

/// Statements that the compiler does not understand.
#[derive(Debug, Clone, Spec)]
pub struct RawSpec {
    /// What it is for.
    pub summary: Option<Text>,
    /// Statements of the migration.
    pub up: SqlText,
    /// Statements that undo them.
    pub down: SqlText,
    /// A query that returns one true value where they are in force.
    pub verify: SqlText,
    /// Objects that must exist before, for example `table public.t`.
    #[spec(default)]
    pub needs: Words,
}

/// Statements that the compiler does not understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raw {
    pub name: String,
    pub up: Vec<String>,
    pub down: Vec<String>,
    pub verify: String,
}

impl ObjectKind for Raw {
    const KIND: Kind = Kind::Raw;
    const INTROSPECTION: &'static str = "";

    fn id(&self) -> Id {
        Id::global(Kind::Raw, &self.name)
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        self.up.iter().map(|statement| format!("{statement};")).collect()
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        self.down.iter().map(|statement| format!("{statement};")).collect()
    }
    // What its author wrote stays as it is.
    fn rename(&mut self, _names: &Renaming, _related: &[QualifiedName]) {}
}

impl Section for Entries<RawSpec> {
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let up = lowering.statements(&spec.up.0);
            let down = lowering.statements(&spec.down.0);
            let mut needs = BTreeSet::new();
            let verify = lowering.any_query(&spec.verify.0, &mut needs);
            for need in &spec.needs {
                needs.extend(lowering.object_reference(need));
            }
            if let (Some(up), Some(down), Some(verify)) = (up, down, verify) {
                lowering.add(Raw { name: name.value.clone(), up, down, verify: verify.text().to_owned() }, needs, name.span);
            }
        }
    }
}
