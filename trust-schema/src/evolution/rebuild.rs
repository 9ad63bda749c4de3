//! What has to be dropped and created, with everything that stands on it.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::{FxHashMap, FxHashSet};

use super::difference::Difference;
use super::holding::{Holding, is_of};
use super::matching;
use super::mention::{Touched, mentioned};
use super::{Intent, Side};
use crate::catalog::{Catalog, Entry, Id, Kind, Object};
use crate::kinds::ObjectKind;
use crate::kinds::alteration::{Alteration, Work};
use crate::kinds::column::Column;
use crate::kinds::index::{Index, Key};

/// What is done about an object.
#[derive(Debug, Clone)]
pub enum Change {
    Create,
    Drop,
    Alter(Vec<Alteration>),
    /// It is dropped and created.
    Rebuild,
    /// A type that is made anew while columns have it: the columns are moved over.
    Replace,
    /// A column whose default calls what is rebuilt: it goes without one meanwhile.
    Detach,
}

/// All changes, in the order of identities, and the columns that come, go or change.
pub struct Changes<'c> {
    pub by_id: BTreeMap<&'c Id, Change>,
    pub touched: Touched,
    /// Foreign keys that go before their columns change, and come again.
    pub unmatched: Vec<&'c Id>,
}

/// Whether an attribute of a composite type goes.
pub fn loses_attribute(before: &Object, after: &Object) -> bool {
    matches!((before, after), (Object::Composite(before), Object::Composite(after)) if before.without(after).next().is_some())
}

/// Whether an index is as that of a key: over columns, all rows, and with the usual operators of their types.
fn is_plain(index: &Index) -> bool {
    index.predicate.is_none() && index.elements.iter().all(|element| matches!(element.key, Key::Column(_)) && element.operator_class.is_none())
}

/// The columns that are in an index, be it that of a key.
fn indexed_columns(catalog: &Catalog) -> FxHashSet<Id> {
    let mut found = FxHashSet::default();
    for object in catalog.objects() {
        let (table, columns): (_, Vec<&String>) = match object {
            Object::PrimaryKey(key) => (&key.table, key.columns.iter().collect()),
            Object::Unique(key) => (&key.table, key.columns.iter().collect()),
            Object::Index(index) => {
                let columns = index.elements.iter().filter_map(|element| if let Key::Column(column) = &element.key { Some(column) } else { None });
                (&index.table, columns.collect())
            }
            _ => continue,
        };
        found.extend(columns.into_iter().map(|column| Id::part(Kind::Column, table, column)));
    }
    found
}

/// From differences to changes.
pub fn close<'c>(differences: &[(&'c Id, Difference<'c>)], before: Side<'c>, after: Side<'c>, intent: &Intent) -> Changes<'c> {
    let mut by_id: BTreeMap<&'c Id, Change> = BTreeMap::new();
    let mut touched = Touched::default();
    let mut touch = |column: &Column| touched.entry(Id::of(Kind::Table, &column.table)).or_default().push(column.name.clone());
    let mut retyped = Vec::new();
    let reads = |statements: &[Alteration]| statements.iter().any(|statement| statement.work == Work::Scan);
    let mut holding = None;
    let mut columns = |id: &Id| holding.get_or_insert_with(|| Holding::new(before.catalog)).columns(id);
    let mut indexed = None;
    let side = before;
    for (id, difference) in differences {
        let change = match difference {
            Difference::Added(_) => Change::Create,
            Difference::Removed(_) => Change::Drop,
            Difference::Changed { before, after: object } => match object.alter(before, after.context) {
                Some(statements) if statements.is_empty() => continue,
                // PostgreSQL reads no values within others (`cannot alter type … because column … uses it`).
                Some(statements) if id.kind() == Kind::Domain && reads(&statements) && columns(id).values().any(|is_within| *is_within) => {
                    Change::Replace
                }
                // PostgreSQL leaves indexes over what had the attribute as they are, and they find nothing any more.
                Some(_)
                    if loses_attribute(before, object) && {
                        let indexed = indexed.get_or_insert_with(|| indexed_columns(side.catalog));
                        columns(id).into_keys().any(|column| indexed.contains(column))
                    } =>
                {
                    Change::Replace
                }
                Some(statements) => Change::Alter(match (before, object) {
                    (Object::Column(before), Object::Column(column)) => converted(statements, (before, side), (column, after), intent),
                    _ => statements,
                }),
                None if is_type(id.kind()) => Change::Replace,
                None => Change::Rebuild,
            },
        };
        if let Difference::Added(Object::Column(column)) | Difference::Removed(Object::Column(column)) = difference {
            touch(column);
        }
        if let Difference::Changed { before: Object::Column(old), after: Object::Column(new) } = difference {
            let is_retyped = old.data_type != new.data_type || old.collation != new.collation;
            if is_retyped || matches!(change, Change::Rebuild) {
                touch(new);
                retyped.push(*id);
            }
        }
        by_id.insert(id, change);
    }
    let mut changes = Changes { by_id, touched, unmatched: Vec::new() };
    spread(&mut changes, retyped, before, after);
    let unmatched = matching::unmatched(&changes, before, after);
    if !unmatched.is_empty() {
        changes.by_id.extend(unmatched.iter().map(|key| (*key, Change::Rebuild)));
        changes.unmatched = unmatched;
        // What is said of them goes and comes with them.
        spread(&mut changes, Vec::new(), before, after);
    }
    changes
}

/// With the conversion that was declared instead of a cast, or with a cast of which is told what values lose in it.
fn converted(
    mut statements: Vec<Alteration>,
    (before, before_side): (&Column, Side<'_>),
    (column, side): (&Column, Side<'_>),
    intent: &Intent,
) -> Vec<Alteration> {
    let conversion = match intent.conversions.get(&column.id()) {
        Some(conversion) => Some(Alteration::rewrite(column.retyped(&format!("({})", conversion.text())))),
        None => column.conversion(before, before_side.catalog, side.catalog),
    };
    if let Some(conversion) = conversion {
        let cast = column.changed("TYPE ");
        let cast = cast.trim_end_matches(';');
        statements.iter_mut().filter(|statement| statement.sql.starts_with(cast)).for_each(|statement| *statement = conversion.clone());
    }
    statements
}

pub(super) fn is_type(kind: Kind) -> bool {
    matches!(kind, Kind::Enum | Kind::Domain | Kind::Composite)
}

/// Carries it to what stands on objects that are rebuilt, replaced or get another type.
fn spread<'c>(changes: &mut Changes<'c>, retyped: Vec<&'c Id>, before: Side<'c>, after: Side<'c>) {
    let starts = |change: &Change| matches!(change, Change::Rebuild | Change::Replace);
    let mut pending: VecDeque<&'c Id> = changes.by_id.iter().filter(|(_, change)| starts(change)).map(|(id, _)| *id).collect();
    if pending.is_empty() && retyped.is_empty() {
        return;
    }
    let standing = standing(before.catalog);
    let mut done: FxHashSet<&Id> = FxHashSet::default();
    let mut columns: VecDeque<&'c Id> = retyped.into();
    let mut looked_at: FxHashSet<(&Id, bool)> = FxHashSet::default();
    loop {
        if let Some(id) = pending.pop_front() {
            if !done.insert(id) {
                continue;
            }
            let is_replaced = matches!(changes.by_id.get(id), Some(Change::Replace));
            for dependent in standing.get(id).into_iter().flatten() {
                let Some(new) = after.catalog.get(dependent) else { continue };
                let change = match new {
                    Object::Column(column) if is_replaced || is_type(id.kind()) => {
                        let is_moved = is_of(&column.data_type, id);
                        if column.generated.is_some() && !matches!(changes.by_id.get(dependent), Some(Change::Drop | Change::Create)) {
                            // PostgreSQL takes no other conversion of a generated column than its own expression.
                            changes.by_id.insert(dependent, Change::Rebuild);
                        } else if !is_moved {
                            // Its default alone names the type.
                            continue;
                        }
                        // It is moved over with the type; what names it cannot stay.
                        changes.touched.entry(Id::of(Kind::Table, &column.table)).or_default().push(column.name.clone());
                        columns.push_back(dependent);
                        continue;
                    }
                    Object::Column(column) if column.generated.is_none() => Change::Detach,
                    Object::Table(_) | Object::Seed(_) | Object::Schedule(_) => continue,
                    _ if is_type(dependent.kind()) => Change::Replace,
                    _ => Change::Rebuild,
                };
                let is_rebuild = matches!(change, Change::Rebuild | Change::Replace);
                match changes.by_id.get(dependent) {
                    Some(Change::Drop | Change::Create | Change::Rebuild | Change::Replace) => {}
                    // A change of its own that sets the default in the end.
                    Some(Change::Alter(_)) if !is_rebuild => {}
                    _ => {
                        changes.by_id.insert(dependent, change);
                    }
                }
                if is_rebuild {
                    pending.push_back(dependent);
                }
            }
            continue;
        }
        let Some(column) = columns.pop_front() else { return };
        // Dropped and added, it takes with it whatever names it.
        let is_rebuilt = matches!(changes.by_id.get(column), Some(Change::Rebuild));
        if !looked_at.insert((column, is_rebuilt)) {
            continue;
        }
        let Some(Object::Column(retyped)) = before.catalog.get(column) else { continue };
        let table = Id::of(Kind::Table, &retyped.table);
        for dependent in standing.get(&table).into_iter().flatten() {
            let Some(entry) = entry(before.catalog, dependent) else { continue };
            // Indexes and constraints follow their column, unless the operators in them are those of a type that goes.
            let blocks = match &entry.object {
                Object::View(_) | Object::Policy(_) | Object::Trigger(_) => true,
                Object::Column(other) => other.generated.is_some(),
                Object::Check(_) => true,
                // One that keeps values apart goes with its column, as a key does: rows must not come twice meanwhile.
                Object::Index(index) => !(index.unique && is_plain(index)) || is_rebuilt,
                Object::PrimaryKey(_) | Object::Unique(_) | Object::ForeignKey(_) | Object::Grant(_) => is_rebuilt,
                _ => false,
            };
            if blocks && mentioned(entry, &changes.touched).contains(column) && !matches!(changes.by_id.get(dependent), Some(Change::Drop)) {
                changes.by_id.insert(dependent, Change::Rebuild);
                pending.push_back(dependent);
                if let Object::Column(other) = &entry.object {
                    changes.touched.entry(table.clone()).or_default().push(other.name.clone());
                    columns.push_back(dependent);
                }
            }
        }
    }
}

pub fn entry<'c>(catalog: &'c Catalog, id: &Id) -> Option<&'c Entry> {
    catalog.place(id).and_then(|place| catalog.at(place)).map(|(_, entry)| entry)
}

/// By object, what stands on it.
fn standing(catalog: &Catalog) -> FxHashMap<Id, Vec<&Id>> {
    let mut standing: FxHashMap<Id, Vec<&Id>> = FxHashMap::default();
    let keys = keys(catalog);
    for (id, entry) in catalog.iter() {
        for needed in entry.object.parents().into_iter().chain(entry.needs.iter().cloned()).chain(key_of(&entry.object, &keys)) {
            standing.entry(needed).or_default().push(id);
        }
    }
    standing
}

/// By table, its primary key and unique constraints with their columns, sorted.
pub type Keys<'c> = FxHashMap<Id, Vec<(&'c Id, Vec<&'c String>)>>;

pub fn keys(catalog: &Catalog) -> Keys<'_> {
    let mut keys: Keys<'_> = FxHashMap::default();
    for (id, entry) in catalog.iter() {
        let (table, columns) = match &entry.object {
            Object::PrimaryKey(key) => (&key.table, &key.columns),
            Object::Unique(key) => (&key.table, &key.columns),
            _ => continue,
        };
        let mut columns: Vec<&String> = columns.iter().collect();
        columns.sort();
        keys.entry(Id::of(Kind::Table, table)).or_default().push((id, columns));
    }
    keys
}

/// The keys that a foreign key may stand on.
pub fn key_of<'k>(object: &'k Object, keys: &'k Keys<'_>) -> impl Iterator<Item = Id> + 'k {
    let key = if let Object::ForeignKey(key) = object { Some(key) } else { None };
    key.into_iter().flat_map(|key| {
        let mut columns: Vec<&String> = key.referenced_columns.iter().collect();
        columns.sort();
        let found = keys.get(&Id::of(Kind::Table, &key.references)).into_iter().flatten();
        found.filter(move |(_, known)| *known == columns).map(|(id, _)| (*id).clone())
    })
}
