//! SQL for what the model does not cover: with its undoing and a check, or not at all.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::function::BodySpec;
use super::statement::Context;
use super::{Kind, ObjectKind, Section};
use crate::catalog::{Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::names::{Declaring, Lowering};
use crate::spec::{Entries, SqlText, Text, Words};

/// Statements that the compiler does not understand.
#[derive(Debug, Clone, Spec)]
pub struct RawSpec {
    /// What it is for.
    pub summary: Option<Text>,
    /// Statements of the migration: inline, or `{ file = "…" }`.
    pub up: BodySpec,
    /// Statements that undo them.
    pub down: SqlText,
    /// A query that returns one true value where they are in force.
    pub verify: SqlText,
    /// Objects that must exist before, for example `table public.t` or `raw other_block`.
    #[spec(default)]
    pub needs: Words,
    /// Objects of the spec that it changes: the verification does not hold them to what the spec says of them without it.
    #[spec(default)]
    pub alters: Words,
}

/// Statements that the compiler does not understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raw {
    pub name: String,
    pub up: Vec<String>,
    pub down: Vec<String>,
    pub verify: String,
    /// Objects of the spec that it changes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub alters: BTreeSet<Id>,
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
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, _) in self.iter() {
            declaring.raw(name);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let up = match &spec.up {
                BodySpec::Inline(text) => Some(text.clone()),
                BodySpec::File(path) => lowering.file(path),
            };
            let up = up.and_then(|up| lowering.statements(&up));
            let down = lowering.statements(&spec.down.0);
            let mut needs = BTreeSet::new();
            let verify = lowering.any_query(&spec.verify.0, &mut needs);
            for need in &spec.needs {
                needs.extend(lowering.object_reference(need));
            }
            // What is changed must exist before.
            let alters: BTreeSet<Id> = spec.alters.iter().filter_map(|altered| lowering.object_reference(altered)).collect();
            needs.extend(alters.iter().cloned());
            if let (Some(up), Some(down), Some(verify)) = (up, down, verify) {
                lowering.add(Raw { name: name.value.clone(), up, down, verify: verify.text().to_owned(), alters }, needs, name.span);
            }
        }
    }
}
