//! The values of columns in types that are made anew: by their texts, with successors in the place of values of enums that go, and with attributes of
//! composite types in their new places, however deep in composite types and domains they stand. A text tells attributes by their places alone.

use std::collections::{BTreeMap, BTreeSet};

use super::rebuild::is_type;
use crate::catalog::{Catalog, Entry, Id, Object};
use crate::kinds::ObjectKind;
use crate::kinds::column::Column;
use crate::kinds::composite::Composite;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// By enum, values that go, and what becomes of each.
type Gone = BTreeMap<Id, Vec<(String, String)>>;

/// The value of a column in the new type.
pub fn moved_value(column: &Column, before: &Catalog, after: &Catalog, gone: &Gone) -> String {
    let is_reshaped = |id: &Id, composite: &Composite| form_of(before, id).is_some_and(|old| !composite.has_names_of(old));
    Moving { before, after, gone, is_reshaped: &is_reshaped }.value(&quote(&column.name), &column.data_type, &column.id())
}

/// Columns that hold arrays of composite types with this enum in them. PostgreSQL takes no sub-query in `ALTER TABLE … USING`, and without one the
/// elements of an array cannot be taken apart.
pub fn columns_out_of_reach<'c>(after: &'c Catalog, id: &Id) -> Vec<&'c Id> {
    let gone = Gone::from([(id.clone(), Vec::new())]);
    out_of_reach(&Moving { before: after, after, gone: &gone, is_reshaped: &|_, _| false })
}

/// Columns that hold arrays of these composite types, which have other attributes in their places.
pub fn columns_with_arrays_of<'c>(after: &'c Catalog, types: &BTreeSet<&Id>) -> Vec<&'c Id> {
    out_of_reach(&Moving { before: after, after, gone: &Gone::new(), is_reshaped: &|id, _| types.contains(id) })
}

fn form_of<'c>(catalog: &'c Catalog, id: &Id) -> Option<&'c Composite> {
    if let Some(Object::Composite(composite)) = catalog.get(id) { Some(composite) } else { None }
}

fn out_of_reach<'c>(moving: &Moving<'c, '_>) -> Vec<&'c Id> {
    let is_out_of_reach =
        |entry: &Entry| matches!(&entry.object, Object::Column(column) if moving.is_out_of_reach(&column.data_type, &column.id(), false));
    moving.after.iter().filter(|(_, entry)| is_out_of_reach(entry)).map(|(id, _)| id).collect()
}

struct Moving<'m, 'a> {
    before: &'m Catalog,
    after: &'m Catalog,
    gone: &'a Gone,
    /// Whether a composite type has other attributes, or has them in another order.
    is_reshaped: &'a dyn Fn(&Id, &Composite) -> bool,
}

impl<'m> Moving<'m, '_> {
    /// The declared type of this name that something has; none of PostgreSQL's own.
    fn type_of(&self, ty: &str, holder: &Id) -> Option<(&'m Id, &'m Object)> {
        let element = ty.trim_end_matches("[]");
        let id = self.after.needs(holder).find(|id| is_type(id.kind()) && id.name() == element)?;
        Some((id, self.after.get(id)?))
    }

    /// Whether values of the type can hold one that goes, or one with attributes in other places.
    fn is_concerned(&self, ty: &str, holder: &Id) -> bool {
        match self.type_of(ty, holder) {
            Some((id, Object::Enum(_))) => self.gone.contains_key(id),
            Some((id, Object::Domain(domain))) => self.is_concerned(&domain.base, id),
            Some((id, Object::Composite(composite))) => {
                (self.is_reshaped)(id, composite) || composite.attributes.iter().any(|(_, ty)| self.is_concerned(ty, id))
            }
            _ => false,
        }
    }

    fn is_out_of_reach(&self, ty: &str, holder: &Id, in_array: bool) -> bool {
        let in_array = in_array || ty.ends_with("[]");
        match self.type_of(ty, holder) {
            // The elements are arrays themselves.
            Some((id, Object::Domain(domain))) if in_array && domain.base.ends_with("[]") => self.is_concerned(&domain.base, id),
            Some((id, Object::Domain(domain))) => self.is_out_of_reach(&domain.base, id, in_array),
            Some((id, Object::Composite(composite))) => {
                let mut attributes = composite.attributes.iter();
                in_array && (self.is_reshaped)(id, composite)
                    || attributes.any(|(_, ty)| if in_array { self.is_concerned(ty, id) } else { self.is_out_of_reach(ty, id, false) })
            }
            _ => false,
        }
    }

    /// An expression of the old type as one of the new type of this name, which `holder` has.
    fn value(&self, value: &str, ty: &str, holder: &Id) -> String {
        let is_array = ty.ends_with("[]");
        let text = if is_array { format!("{value}::text[]") } else { format!("{value}::text") };
        match self.type_of(ty, holder) {
            Some((id, Object::Enum(_))) => {
                let pairs = self.gone.get(id).into_iter().flatten().map(|(gone, becomes)| (quoted(gone), quoted(becomes)));
                if is_array {
                    return format!("{}::{ty}", pairs.fold(text, |value, (gone, becomes)| format!("array_replace({value}, {gone}, {becomes})")));
                }
                let cases = pairs.map(|(gone, becomes)| format!(" WHEN {gone} THEN {becomes}")).collect::<String>();
                if cases.is_empty() { format!("{text}::{ty}") } else { format!("(CASE {text}{cases} ELSE {text} END)::{ty}") }
            }
            // It is of the type beneath, and an array of it an array of those.
            Some((id, Object::Domain(domain))) if self.is_concerned(ty, holder) => {
                let brackets = if is_array { "[]" } else { "" };
                format!("{}::{ty}", self.value(value, &format!("{}{brackets}", domain.base), id))
            }
            Some((id, Object::Composite(composite))) if !is_array && self.is_concerned(ty, holder) => {
                let old = form_of(self.before, id);
                let was_there = |name: &str| old.is_none_or(|old| old.attributes.iter().any(|(old, _)| old == name));
                let attributes = composite.attributes.iter().map(|(name, ty)| {
                    if was_there(name) { self.value(&format!("({value}).{}", quote(name)), ty, id) } else { format!("NULL::{ty}") }
                });
                // ROW is never NULL itself.
                format!("CASE WHEN {text} IS NOT NULL THEN ROW({})::{ty} END", attributes.collect::<Vec<_>>().join(", "))
            }
            _ => format!("{text}::{ty}"),
        }
    }
}
