//! Composite types.

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
use crate::names::{Declaring, Lowering, TypeForm, TypeUse};
use crate::spec::{Entries, Text};
use crate::sql::identifier::quote;

/// A composite type.
#[derive(Debug, Clone, Spec)]
pub struct CompositeSpec {
    /// What a value means, for people.
    pub comment: Option<Text>,
    /// The schema; the module's by default.
    pub schema: Option<Text>,
    /// What it was called when it was released, `name` or `schema.name`: it is renamed, and keeps what is in it. Of no consequence once that is released.
    pub renamed_from: Option<Text>,
    /// Attribute names and types, in order.
    pub attributes: Entries<Text>,
    /// Attributes that had another name when they were released: `{ new = "old" }`. They keep their values.
    #[spec(default)]
    pub renamed_attributes: Entries<Text>,
    /// Which roles may use the type in definitions of their own.
    #[spec(default)]
    pub access: Access,
}

/// A composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composite {
    #[serde(flatten)]
    pub name: QualifiedName,
    /// Names and types, in order.
    pub attributes: Vec<(String, String)>,
}

impl Composite {
    /// Whether it comes of another form of it by attributes that go, and others that are added at the end: PostgreSQL does nothing else to a type
    /// that a column has. An attribute of another type would lose its values.
    pub fn follows(&self, before: &Self) -> bool {
        let kept: Vec<&(String, String)> = before.attributes.iter().filter(|attribute| self.attributes.contains(attribute)).collect();
        let is_new = |name: &str| before.attributes.iter().all(|(old, _)| old != name);
        kept.iter().zip(&self.attributes).all(|(kept, new)| *kept == new) && self.attributes.iter().skip(kept.len()).all(|(name, _)| is_new(name))
    }

    /// The attributes, by name, that another form of it does not have.
    pub fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a (String, String)> {
        self.attributes.iter().filter(|(name, _)| other.attributes.iter().all(|(kept, _)| kept != name))
    }

    /// Whether another form of it has the same names of attributes in the same order: then a value is read from its text.
    pub fn has_names_of(&self, other: &Self) -> bool {
        self.attributes.iter().map(|(name, _)| name).eq(other.attributes.iter().map(|(name, _)| name))
    }
}

impl ObjectKind for Composite {
    const KIND: Kind = Kind::Composite;
    const INTROSPECTION: &'static str = include_str!("introspection/composite.sql");

    fn id(&self) -> Id {
        Id::of(Kind::Composite, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::global(Kind::Schema, &self.name.schema)]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let attributes = self.attributes.iter().map(|(name, ty)| format!("{} {ty}", quote(name))).collect::<Vec<_>>().join(", ");
        vec![format!("CREATE TYPE {} AS ({attributes});", self.name), format!("REVOKE ALL ON TYPE {} FROM {};", self.name, context.revoke_from)]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP TYPE {};", self.name)]
    }
    /// Attributes can be dropped, and added at the end. A change of an attribute's type is refused by PostgreSQL where a column has the type.
    fn alter(&self, before: &Self, _context: &Context<'_>) -> Option<Vec<Alteration>> {
        if !self.follows(before) {
            return None;
        }
        let kept = before.attributes.iter().filter(|attribute| self.attributes.contains(attribute)).count();
        let on = |change: String| format!("ALTER TYPE {} {change};", self.name);
        let gone = before.attributes.iter().filter(|attribute| !self.attributes.contains(attribute));
        let gone = gone.map(|(name, _)| Alteration::loss(on(format!("DROP ATTRIBUTE {}", quote(name)))));
        let new = self.attributes.iter().skip(kept).map(|(name, ty)| Alteration::catalog(on(format!("ADD ATTRIBUTE {} {ty}", quote(name)))));
        Some(gone.chain(new).collect())
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        for (name, data_type) in &mut self.attributes {
            names.column(&self.name, name);
            names.data_type(data_type);
        }
        names.relation(&mut self.name);
    }
}

impl Section for Entries<CompositeSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declaring.type_name(Kind::Composite, name, spec.schema.as_ref(), TypeForm::Composite(spec.attributes.clone()));
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let Some(qualified) = lowering.qualify(name, spec.schema.as_ref()) else { continue };
            let mut needs = BTreeSet::new();
            let mut attributes = Vec::new();
            for (attribute, ty) in spec.attributes.iter() {
                if let Some(ty) = lowering.type_reference(ty, TypeUse::Column, &mut needs) {
                    attributes.push((attribute.value.clone(), ty.text));
                }
            }
            if spec.attributes.is_empty() {
                lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("composite type `{}` has no attributes", name.value), name.span));
            }
            let id = lowering.add(Composite { name: qualified, attributes }, needs, name.span);
            lowering.comment(&id, spec.comment.as_ref());
            lowering.renamed(&id, spec.renamed_from.as_ref());
            lowering.members(&id, &spec.renamed_attributes);
            lowering.access(&id, &spec.access, &[]);
        }
    }
}
