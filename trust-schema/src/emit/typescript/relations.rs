//! `Tables` and `Views`.

use super::functions::computed_fields;
use super::layout::{Members, Type, member, nothing, optional};
use super::model::{Model, RelationObject, SchemaObjects, ViewObject};
use super::relationships::Relationships;
use super::types::nullability;
use crate::kinds::column::{Column, Identity};

/// The group `Tables` or `Views` of a schema.
pub fn group(model: &Model<'_>, schema: &SchemaObjects<'_>, relationships: &Relationships, views: bool) -> Type {
    let fields = computed_fields(model, schema);
    let mut members = Vec::new();
    for name in &schema.relations {
        let Some(relation) = model.relations.get(name).filter(|relation| relation.is_view() == views) else { continue };
        let mut row = row(model, relation);
        for (field, ty) in fields.get(name).into_iter().flatten() {
            row.push(member(field, nullability(ty.clone(), true)));
        }
        let mut parts = vec![part("Row", row)];
        match relation {
            RelationObject::Table(columns) => {
                parts.push(part("Insert", columns.iter().map(|column| written(model, column, false)).collect()));
                parts.push(part("Update", columns.iter().map(|column| written(model, column, true)).collect()));
            }
            RelationObject::View(view) => parts.extend(writable(model, view)),
        }
        parts.push(("Relationships".to_owned(), relationships.of(name)));
        members.push(part(&name.name, parts));
    }
    if members.is_empty() { nothing() } else { Type::Object(Members::broken(members)) }
}

fn part(name: &str, members: Vec<(String, Type)>) -> (String, Type) {
    member(name, Type::Object(Members::broken(members)))
}

/// The columns as they are read, by name.
pub fn row(model: &Model<'_>, relation: &RelationObject<'_>) -> Vec<(String, Type)> {
    match relation {
        RelationObject::Table(columns) => {
            columns.iter().map(|column| member(&column.name, model.column_type(&column.data_type, column.not_null).0)).collect()
        }
        // A view's columns are never NOT NULL to PostgreSQL, unless their domain is.
        RelationObject::View(view) => view.sorted().into_iter().map(|(name, ty)| member(name, model.column_type(ty, false).0)).collect(),
    }
}

/// A table's column as it is written.
fn written(model: &Model<'_>, column: &Column, update: bool) -> (String, Type) {
    if column.identity == Some(Identity::Always) || column.generated.is_some() {
        return optional(&column.name, Type::word("never"));
    }
    let (ty, nullable) = model.column_type(&column.data_type, column.not_null);
    if update || nullable || column.identity.is_some() || column.default.is_some() { optional(&column.name, ty) } else { member(&column.name, ty) }
}

/// `Insert` and `Update` of a view, where it takes them.
fn writable(model: &Model<'_>, view: &ViewObject<'_>) -> Vec<(String, Type)> {
    let any_trigger = view.insert_trigger || view.update_trigger;
    let updatable = view.shape.columns.iter().any(|column| column.updatable);
    let columns = || {
        view.sorted_with_shape().into_iter().map(|(name, ty, updatable)| {
            if !(updatable || any_trigger) {
                return optional(name, Type::word("never"));
            }
            // A write may leave NULL to the column below, so null is always taken.
            optional(name, nullability(model.domain_seen_through(ty), true))
        })
    };
    let mut parts = Vec::new();
    if updatable || view.insert_trigger {
        parts.push(part("Insert", columns().collect()));
    }
    if updatable || view.update_trigger {
        parts.push(part("Update", columns().collect()));
    }
    parts
}

impl ViewObject<'_> {
    /// Names and types, by name.
    fn sorted(&self) -> Vec<(&str, &str)> {
        self.sorted_with_shape().into_iter().map(|(name, ty, _)| (name, ty)).collect()
    }

    /// Names, types and whether a write through the view reaches the column, by name.
    fn sorted_with_shape(&self) -> Vec<(&str, &str, bool)> {
        let updatable = |index: usize| self.shape.columns.get(index).is_some_and(|column| column.updatable);
        let columns = self.view.columns.iter().enumerate();
        let mut columns: Vec<_> = columns.map(|(index, (name, ty))| (name.as_str(), ty.as_str(), updatable(index))).collect();
        columns.sort_by(|left, right| super::collation::compare(left.0, right.0));
        columns
    }
}
