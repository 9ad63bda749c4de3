//! The values of columns in types that are made anew: by their texts, with successors in the place of values of enums that go, however deep in
//! composite types and domains they stand.

use std::collections::BTreeMap;

use super::rebuild::is_type;
use crate::catalog::{Catalog, Entry, Id, Object};
use crate::kinds::ObjectKind;
use crate::kinds::column::Column;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// By enum, values that go, and what becomes of each.
type Gone = BTreeMap<Id, Vec<(String, String)>>;

/// The value of a column in the new type.
pub fn moved_value(column: &Column, after: &Catalog, gone: &Gone) -> String {
    Moving { after, gone }.value(&quote(&column.name), &column.data_type, &column.id())
}

/// Columns that hold arrays of composite types with this enum in them. PostgreSQL takes no sub-query in `ALTER TABLE … USING`, and without one the
/// elements of an array cannot be taken apart.
pub fn columns_out_of_reach<'c>(after: &'c Catalog, id: &Id) -> Vec<&'c Id> {
    let gone = Gone::from([(id.clone(), Vec::new())]);
    let moving = Moving { after, gone: &gone };
    let is_out_of_reach =
        |entry: &Entry| matches!(&entry.object, Object::Column(column) if moving.is_out_of_reach(&column.data_type, &column.id(), false));
    after.iter().filter(|(_, entry)| is_out_of_reach(entry)).map(|(id, _)| id).collect()
}

struct Moving<'m> {
    after: &'m Catalog,
    gone: &'m Gone,
}

impl<'m> Moving<'m> {
    /// The declared type of this name that something has; none of PostgreSQL's own.
    fn type_of(&self, ty: &str, holder: &Id) -> Option<(&'m Id, &'m Object)> {
        let element = ty.trim_end_matches("[]");
        let id = self.after.needs(holder).find(|id| is_type(id.kind()) && id.name() == element)?;
        Some((id, self.after.get(id)?))
    }

    /// Whether values of the type can hold one that goes.
    fn is_concerned(&self, ty: &str, holder: &Id) -> bool {
        match self.type_of(ty, holder) {
            Some((id, Object::Enum(_))) => self.gone.contains_key(id),
            Some((id, Object::Domain(domain))) => self.is_concerned(&domain.base, id),
            Some((id, Object::Composite(composite))) => composite.attributes.iter().any(|(_, ty)| self.is_concerned(ty, id)),
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
                attributes.any(|(_, ty)| if in_array { self.is_concerned(ty, id) } else { self.is_out_of_reach(ty, id, false) })
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
                let attributes = composite.attributes.iter().map(|(name, ty)| self.value(&format!("({value}).{}", quote(name)), ty, id));
                // ROW is never NULL itself.
                format!("CASE WHEN {text} IS NOT NULL THEN ROW({})::{ty} END", attributes.collect::<Vec<_>>().join(", "))
            }
            _ => format!("{text}::{ty}"),
        }
    }
}
