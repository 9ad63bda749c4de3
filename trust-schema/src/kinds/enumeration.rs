//! Enum types.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::grant::Access;
use super::statement::Context;
use super::{Kind, ObjectKind, Section};
use crate::catalog::{Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::names::{Declaring, Lowering, TypeForm};
use crate::spec::{Entries, Text, Words};
use crate::sql::{identifier, quoted};

/// An enum type.
#[derive(Debug, Clone, Spec)]
pub struct EnumSpec {
    /// What its values mean, for people.
    pub comment: Option<Text>,
    /// The schema; the module's by default.
    pub schema: Option<Text>,
    /// What it was called when it was released, `name` or `schema.name`: it is renamed, and keeps what is in it. Of no consequence once that is released.
    pub renamed_from: Option<Text>,
    /// The values in their order, which is also the order of comparison.
    pub values: Words,
    /// Values that had another name when they were released: `{ new = "old" }`.
    #[spec(default)]
    pub renamed_values: Entries<Text>,
    /// Values that are released and go, and what becomes of each: `{ gone = "kept" }`. They cannot be told apart afterwards, so `[release]` has to
    /// say that the enum loses something.
    #[spec(default)]
    pub removed_values: Entries<Text>,
    /// Which roles may use the type in definitions of their own: `{ service_role = ["usage"] }`. Nobody needs it to use values.
    #[spec(default)]
    pub access: Access,
}

/// An enum type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enum {
    #[serde(flatten)]
    pub name: QualifiedName,
    pub values: Vec<String>,
}

impl ObjectKind for Enum {
    const KIND: Kind = Kind::Enum;
    const INTROSPECTION: &'static str = include_str!("introspection/enum.sql");

    fn id(&self) -> Id {
        Id::of(Kind::Enum, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::global(Kind::Schema, &self.name.schema)]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let values = self.values.iter().map(|value| quoted::quoted(value)).collect::<Vec<_>>().join(", ");
        vec![format!("CREATE TYPE {} AS ENUM ({values});", self.name), format!("REVOKE ALL ON TYPE {} FROM {};", self.name, context.revoke_from)]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP TYPE {};", self.name)]
    }
    /// Values can be added. To remove them, or to change their order, the type has to be made anew.
    fn alter(&self, before: &Self, _context: &Context<'_>) -> Option<Vec<Alteration>> {
        let kept: Vec<&String> = self.values.iter().filter(|value| before.values.contains(value)).collect();
        if kept.len() != before.values.len() || kept.iter().zip(&before.values).any(|(kept, before)| *kept != before) {
            return None;
        }
        let added = self.values.iter().enumerate().filter(|(_, value)| !before.values.contains(value));
        let changes = added.map(|(place, value)| {
            let after = place.checked_sub(1).and_then(|place| self.values.get(place));
            let position = match (after, before.values.first()) {
                (Some(after), _) => format!(" AFTER {}", quoted::quoted(after)),
                (None, Some(first)) => format!(" BEFORE {}", quoted::quoted(first)),
                (None, None) => String::new(),
            };
            Alteration::catalog(format!("ALTER TYPE {} ADD VALUE {}{position};", self.name, quoted::quoted(value)))
        });
        Some(changes.collect())
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        for value in &mut self.values {
            if let Some((_, new)) = names.values.get(&self.name).into_iter().flatten().find(|(old, _)| old == value) {
                value.clone_from(new);
            }
        }
        names.relation(&mut self.name);
    }
}

impl Section for Entries<EnumSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            let values = spec.values.iter().map(|value| value.value.clone()).collect();
            declaring.type_name(Kind::Enum, name, spec.schema.as_ref(), TypeForm::Enum(values));
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let Some(qualified) = lowering.qualify(name, spec.schema.as_ref()) else { continue };
            check_values(name, &spec.values, lowering);
            let values = spec.values.iter().map(|value| value.value.clone()).collect();
            let id = lowering.add(Enum { name: qualified, values }, BTreeSet::new(), name.span);
            lowering.comment(&id, spec.comment.as_ref());
            lowering.renamed(&id, spec.renamed_from.as_ref());
            lowering.values(&id, &spec.renamed_values, &spec.removed_values);
            lowering.access(&id, &spec.access, &[]);
        }
    }
}

fn check_values(name: &Text, values: &Words, lowering: &mut Lowering<'_>) {
    if values.is_empty() {
        let message = format!("enum `{}` has no values", name.value);
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, message, name.span));
    }
    for (index, value) in values.iter().enumerate() {
        if let Some(first) = values[..index].iter().find(|earlier| earlier.value == value.value) {
            let message = format!("enum value `{}` is listed twice", value.value);
            lowering.report(Diagnostic::error(&codes::DUPLICATE_NAME, message, value.span).label(first.span, "first listed here"));
        }
        // Labels are names to PostgreSQL: the same 63 bytes.
        if let Err(problem) = identifier::check(&value.value) {
            lowering.report(Diagnostic::error(&codes::BAD_NAME, problem.message, value.span));
        }
    }
}
