//! Objects that get another name: they keep their rows, their ACL, and what stands on them.
//!
//! What was declared comes first. Then constraints, indexes, policies and triggers that are gone, and are there again under another name: they
//! hold nothing of their own, so nobody has to declare it.

mod statements;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use self::statements::Statements;
use super::Verb;
use super::action::Action;
use super::alike::alike;
use super::exchange::{Aside, Slot, Step, steps};
use super::intent::{Intent, Rename};
use crate::catalog::{Catalog, Entry, Expression, Id, Kind, Object, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::composite::Composite;
use crate::kinds::domain::Domain;
use crate::kinds::renaming::{Renaming, related};
use crate::kinds::view::View;

/// A state with new names, and the statements that make it.
#[derive(Debug, Clone)]
pub struct Renamed {
    pub catalog: Catalog,
    pub(super) actions: Vec<Action>,
    /// Identities before, and what they are now.
    pub ids: FxHashMap<Id, Id>,
    /// What somebody declared.
    pub(super) renaming: Renaming,
}

impl Renamed {
    /// With the new names in what somebody wrote over rows as they were: columns have been renamed when it is run.
    pub(super) fn of_rows(&self, intent: &Intent, after: &Catalog) -> Intent {
        let renamed = |expressions: &BTreeMap<Id, Expression>| {
            let renamed = expressions.iter().map(|(id, expression)| {
                let mut expression = expression.clone();
                if let Some(Object::Column(column)) = after.get(id) {
                    self.renaming.expression(&mut expression, &[self.renaming.relation_before(&column.table)]);
                }
                (id.clone(), expression)
            });
            renamed.collect()
        };
        Intent { conversions: renamed(&intent.conversions), backfills: renamed(&intent.backfills), ..intent.clone() }
    }
}

/// Gives objects their new names; `None` where there are none.
pub fn renamed(before: &Catalog, after: &Catalog, renames: &[Rename]) -> Option<Renamed> {
    let declared = declared(before, after, renames);
    let alike = alike(declared.as_ref().map_or(before, |renamed| &renamed.catalog), after);
    match (declared, alike) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one),
        (Some(mut first), Some(second)) => {
            first.actions.extend(second.actions);
            // What has its new name by the first is known to the second by that.
            let known: FxHashSet<Id> = first.ids.values().cloned().collect();
            for id in first.ids.values_mut() {
                if let Some(new) = second.ids.get(id) {
                    *id = new.clone();
                }
            }
            first.ids.extend(second.ids.into_iter().filter(|(old, _)| !known.contains(old)));
            Some(Renamed { catalog: second.catalog, ..first })
        }
    }
}

/// Whether what is renamed is there: between two parts, what is made anew may be neither under its old name nor under its new one.
fn is_there(rename: &Rename, catalog: &Catalog) -> bool {
    match rename {
        Rename::Schema { from, .. } => catalog.contains(&Id::global(Kind::Schema, from)),
        Rename::Relation { kind, from, .. } => catalog.contains(&Id::of(*kind, from)),
        Rename::Function { id, .. } => catalog.contains(id),
        Rename::Column { table, from, .. } => catalog.contains(&Id::part(Kind::Column, table, from)),
        Rename::Member { kind, of, from, .. } => match catalog.get(&Id::of(*kind, of)) {
            Some(Object::View(View { columns: members, .. }) | Object::Composite(Composite { attributes: members, .. })) => {
                members.iter().any(|(name, _)| name == from)
            }
            _ => false,
        },
        Rename::Value { name, from, .. } => {
            matches!(catalog.get(&Id::of(Kind::Enum, name)), Some(Object::Enum(one)) if one.values.contains(from))
        }
    }
}

fn declared(before: &Catalog, after: &Catalog, renames: &[Rename]) -> Option<Renamed> {
    let mut renames: Vec<Rename> = renames.iter().filter(|rename| is_there(rename, before)).cloned().collect();
    if renames.is_empty() {
        return None;
    }
    renames.extend(sequences(before, after, &renames));
    // Each names what it is about as it was before all of them: parts first, schemas last.
    renames.sort_by_key(|rename| match rename {
        Rename::Column { .. } | Rename::Member { .. } | Rename::Value { .. } => 0,
        Rename::Function { .. } => 1,
        Rename::Relation { .. } => 2,
        Rename::Schema { .. } => 3,
    });
    let mut renaming = Renaming::default();
    for rename in &renames {
        match rename.clone() {
            Rename::Schema { from, to } => drop(renaming.schemas.insert(from, to)),
            Rename::Relation { from, to, .. } => drop(renaming.relations.insert(from, to)),
            Rename::Function { from, to, .. } => drop(renaming.functions.insert(from, to)),
            Rename::Member { kind: Kind::Composite, of, from, to } => {
                renaming.attributes.insert(from.clone());
                renaming.columns.entry(of).or_default().push((from, to));
            }
            Rename::Column { table: of, from, to } | Rename::Member { of, from, to, .. } => renaming.columns.entry(of).or_default().push((from, to)),
            Rename::Value { name, from, to } => renaming.values.entry(name).or_default().push((from, to)),
        }
    }
    for (_, entry) in before.iter() {
        match &entry.object {
            Object::Column(column) => {
                let columns = renaming.columns_of.entry(column.table.clone()).or_default();
                columns.insert(column.name.clone(), column.data_type.clone());
            }
            Object::View(View { name, columns: members, .. }) | Object::Composite(Composite { name, attributes: members }) => {
                renaming.columns_of.entry(name.clone()).or_default().extend(members.iter().cloned());
            }
            Object::Domain(Domain { name, base, .. }) => {
                renaming.bases.insert(name.clone(), base.clone());
                // As its own checks call the value.
                renaming.columns_of.entry(name.clone()).or_default().insert("value".to_owned(), base.clone());
            }
            _ => {}
        }
    }
    let slots: Vec<(Slot, Slot)> = renames.iter().map(|rename| slots(rename, &renaming)).collect();
    renaming.reuses = is_reused(&slots);
    let mut entries: Vec<(Id, Arc<Entry>)> = before.shared().map(|(id, entry)| (id.clone(), Arc::clone(entry))).collect();
    // What hangs on others knows them by their identities.
    let hangs = |id: &Id| matches!(id.kind(), Kind::Comment | Kind::Grant);
    for round in [false, true] {
        for (id, entry) in entries.iter_mut().filter(|(id, _)| hangs(id) == round) {
            let related = related(&entry.object.parents(), &entry.needs);
            let mut object = entry.object.clone();
            object.rename(&renaming, &related);
            if object == entry.object {
                continue;
            }
            let new = object.id();
            Arc::make_mut(entry).object = object;
            if new != *id {
                renaming.ids.insert(id.clone(), new);
            }
        }
    }
    let catalog = collected(entries, &renaming.ids);
    let mut actions = actions(&renames, &slots, &renaming, before, after);
    if let Some(last) = actions.last_mut() {
        last.provides.extend(renaming.ids.values().cloned());
        last.provides.sort();
    }
    let ids = std::mem::take(&mut renaming.ids);
    Some(Renamed { catalog, actions, ids, renaming })
}

/// With the new identities, by which what needs others knows them, too.
pub(super) fn collected(entries: Vec<(Id, Arc<Entry>)>, ids: &FxHashMap<Id, Id>) -> Catalog {
    let mut catalog = Catalog::default();
    catalog.reserve(entries.len());
    for (id, mut entry) in entries {
        if entry.needs.iter().any(|need| ids.contains_key(need)) {
            let needs = entry.needs.iter().map(|need| ids.get(need).unwrap_or(need).clone()).collect();
            Arc::make_mut(&mut entry).needs = needs;
        }
        // New names are free, or the rename is refused before.
        let _ = catalog.insert_as(ids.get(&id).cloned().unwrap_or(id), entry);
    }
    catalog
}

/// The statements, in an order in which every new name is free.
fn actions(renames: &[Rename], slots: &[(Slot, Slot)], renaming: &Renaming, before: &Catalog, after: &Catalog) -> Vec<Action> {
    let mut making = Statements::new(renaming, before, Aside::new(before, after));
    let mut put: FxHashMap<usize, String> = FxHashMap::default();
    let mut actions = Vec::with_capacity(renames.len());
    let mut add = |id: Id, statements: Vec<String>| {
        let action = Action::new(&id, Verb::Alter, statements.into_iter().map(Alteration::catalog).collect());
        actions.push(Action { provides: vec![id], comes_first: true, ..action });
    };
    for step in steps(slots) {
        let (Step::Whole(number) | Step::Aside(number) | Step::Back(number)) = step;
        let Some(rename) = renames.get(number) else { continue };
        if matches!(rename, Rename::Schema { .. }) {
            making.left_aside().into_iter().for_each(|(id, statement)| add(id, vec![statement]));
        }
        let (from, to) = match step {
            Step::Whole(_) => (None, None),
            Step::Aside(_) => {
                let name = making.aside.name(name_before(rename));
                put.insert(number, name.clone());
                (None, Some(name))
            }
            Step::Back(_) => (put.remove(&number), None),
        };
        let statements = making.of(rename, from.as_deref(), to.as_deref());
        add(id_after(rename, renaming), statements);
    }
    making.left_aside().into_iter().for_each(|(id, statement)| add(id, vec![statement]));
    actions
}

/// The old name and the new one, each within the set of names that it is of. Schemas have their old names still.
fn slots(rename: &Rename, renaming: &Renaming) -> (Slot, Slot) {
    let slot = |set: &str, name: &str| (set.to_owned(), name.to_owned());
    let pair = |set: &str, from: &str, to: &str| (slot(set, from), slot(set, to));
    match rename {
        Rename::Schema { from, to } => pair("schema", from, to),
        Rename::Relation { from, to, .. } => pair("relation", &from.to_string(), &renaming.schema_before(to).to_string()),
        Rename::Function { from, to, .. } => pair("function", &from.to_string(), &renaming.schema_before(to).to_string()),
        Rename::Column { table: of, from, to } | Rename::Member { of, from, to, .. } => pair(&format!("column {of}"), from, to),
        Rename::Value { name, from, to } => pair(&format!("value {name}"), from, to),
    }
}

/// Whether something gets a name that something else had: then the same text means another thing before and after.
fn is_reused(slots: &[(Slot, Slot)]) -> bool {
    let old: FxHashSet<&Slot> = slots.iter().map(|(old, _)| old).collect();
    slots.iter().any(|(_, new)| old.contains(new))
}

/// Sequences of identity columns that are called as their tables are, where these exchange their names.
fn sequences(before: &Catalog, after: &Catalog, renames: &[Rename]) -> Vec<Rename> {
    let tables: FxHashMap<&QualifiedName, &QualifiedName> = renames
        .iter()
        .filter_map(|rename| if let Rename::Relation { kind: Kind::Table, from, to } = rename { Some((from, to)) } else { None })
        .collect();
    let columns: FxHashMap<(&QualifiedName, &str), &str> = renames
        .iter()
        .filter_map(|rename| if let Rename::Column { table, from, to } = rename { Some(((table, from.as_str()), to.as_str())) } else { None })
        .collect();
    if tables.is_empty() && columns.is_empty() {
        return Vec::new();
    }
    let mut moved: Vec<(&QualifiedName, &QualifiedName)> = Vec::new();
    for object in before.objects() {
        let Object::Column(column) = object else { continue };
        let Some(from) = &column.identity_sequence else { continue };
        let table = tables.get(&column.table).copied().unwrap_or(&column.table);
        let name = columns.get(&(&column.table, column.name.as_str())).copied().unwrap_or(&column.name);
        let Some(Object::Column(new)) = after.get(&Id::part(Kind::Column, table, name)) else { continue };
        if let Some(to) = &new.identity_sequence
            && from != to
            && from.schema == to.schema
        {
            moved.push((from, to));
        }
    }
    let old: FxHashSet<&QualifiedName> = moved.iter().map(|(from, _)| *from).collect();
    let new: FxHashSet<&QualifiedName> = moved.iter().map(|(_, to)| *to).collect();
    // The others are renamed with their columns.
    let exchanged = moved.into_iter().filter(|(from, to)| old.contains(to) || new.contains(from));
    exchanged.map(|(from, to)| Rename::Relation { kind: Kind::Sequence, from: from.clone(), to: to.clone() }).collect()
}

/// The name that is changed, without what it stands in.
fn name_before(rename: &Rename) -> &str {
    match rename {
        Rename::Schema { from, .. } | Rename::Column { from, .. } | Rename::Member { from, .. } | Rename::Value { from, .. } => from,
        Rename::Relation { from, .. } | Rename::Function { from, .. } => &from.name,
    }
}

/// What the object is called in the end.
fn id_after(rename: &Rename, renaming: &Renaming) -> Id {
    let relation = |name: &QualifiedName| {
        let mut new = name.clone();
        renaming.relation(&mut new);
        new
    };
    match rename {
        Rename::Schema { to, .. } => Id::global(Kind::Schema, to),
        Rename::Relation { kind, to, .. } => Id::of(*kind, to),
        Rename::Function { id, .. } => renaming.ids.get(id).unwrap_or(id).clone(),
        Rename::Column { table, to, .. } => Id::part(Kind::Column, &relation(table), to),
        Rename::Member { kind, of, .. } => Id::of(*kind, &relation(of)),
        Rename::Value { name, .. } => Id::of(Kind::Enum, &relation(name)),
    }
}
