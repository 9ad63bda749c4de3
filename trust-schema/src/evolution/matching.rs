//! Foreign keys whose columns get another type on both sides: between the two statements PostgreSQL would have to compare values of types that have no
//! operator in common.

use super::Side;
use super::rebuild::{Change, Changes};
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::kinds::column::Column;
use crate::kinds::constraint::foreign_key::ForeignKey;
use crate::kinds::domain::beneath;
use crate::sql::type_name::TypeName;

/// Types of PostgreSQL that are compared with each other as they are (the operator families of its B-trees).
const FAMILIES: [&[&str]; 3] = [&["int2", "int4", "int8"], &["text", "varchar"], &["date", "timestamp", "timestamptz"]];

/// The foreign keys that have to go before their columns change, and come when they have.
pub fn unmatched<'c>(changes: &Changes<'c>, before: Side<'c>, after: Side<'c>) -> Vec<&'c Id> {
    if changes.touched.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, entry) in before.catalog.iter().filter(|(id, _)| id.kind() == Kind::ForeignKey) {
        let Object::ForeignKey(key) = &entry.object else { continue };
        let is_touched = |table| changes.touched.contains_key(&Id::of(Kind::Table, table));
        if is_touched(&key.table)
            && is_touched(&key.references)
            && after.catalog.get(id) == Some(&entry.object)
            && !changes.by_id.contains_key(id)
            && !stays(key, changes, before.catalog, after.catalog)
        {
            found.push(id);
        }
    }
    found
}

/// Whether values can be compared whichever column changes first.
fn stays(key: &ForeignKey, changes: &Changes<'_>, before: &Catalog, after: &Catalog) -> bool {
    key.pairs().all(|pair| {
        let changes = |id: &Id| {
            let [old, new] = [(before, false), (after, true)].map(|(catalog, is_new)| Some(family(catalog, changes, column(catalog, id)?, is_new)));
            old != new
        };
        !pair.iter().all(changes)
    })
}

fn column<'c>(catalog: &'c Catalog, id: &Id) -> Option<&'c Column> {
    if let Some(Object::Column(column)) = catalog.get(id) { Some(column) } else { None }
}

/// What a column's type is compared as. A type that is made anew is another one than it was.
fn family(catalog: &Catalog, changes: &Changes<'_>, column: &Column, is_new: bool) -> String {
    let (base, is_array) = beneath(&column.data_type, catalog);
    let Ok(parsed) = TypeName::parse(base) else { return base.to_owned() };
    let brackets = if is_array { "[]" } else { "" };
    if parsed.is_builtin() {
        // Arrays are compared with arrays of the same type alone.
        let family = FAMILIES.iter().find(|family| !is_array && family.contains(&parsed.name.as_str())).and_then(|family| family.first());
        return format!("{}{brackets}", family.map_or(parsed.name.as_str(), |name| name));
    }
    let name = parsed.schema.map(|schema| QualifiedName::new(schema, parsed.name));
    let is_replaced = |name: &QualifiedName| {
        [Kind::Enum, Kind::Composite].iter().any(|kind| matches!(changes.by_id.get(&Id::of(*kind, name)), Some(Change::Replace)))
    };
    format!("{base}{brackets}{}", if is_new && name.is_some_and(|name| is_replaced(&name)) { " anew" } else { "" })
}
