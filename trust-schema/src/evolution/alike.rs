//! Parts of tables that are gone, and are there again under another name: constraints, indexes, policies and triggers. They hold nothing of their own,
//! so nobody has to declare it.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Verb;
use super::action::Action;
use super::difference::{Difference, differences, is_same};
use super::exchange::{Aside, Slot, Step, steps};
use super::rename::{Renamed, collected};
use crate::catalog::{Catalog, Entry, Id, Kind, Object, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::sql::identifier::quote;

/// Parts of tables that hold nothing, and differ in their name alone.
pub(super) fn alike(before: &Catalog, after: &Catalog) -> Option<Renamed> {
    let differences = differences(before, after);
    let mut gone: FxHashMap<Id, Vec<&Id>> = FxHashMap::default();
    let mut new: Vec<&Object> = Vec::new();
    for (id, difference) in &differences {
        match difference {
            Difference::Removed(object) => {
                if let Some((table, _)) = object.part_of_table() {
                    gone.entry(Id::of(Kind::Table, table)).or_default().push(*id);
                }
            }
            Difference::Added(object) if object.part_of_table().is_some() => new.push(object),
            // The name may be that of another one now: of another table's index, of another column's check.
            Difference::Changed { before: old, after: object } => {
                if let Some((table, _)) = old.part_of_table() {
                    gone.entry(Id::of(Kind::Table, table)).or_default().push(*id);
                    new.push(object);
                }
            }
            Difference::Added(_) => {}
        }
    }
    if gone.is_empty() || new.is_empty() {
        return None;
    }
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    let mut used: FxHashSet<&Id> = FxHashSet::default();
    for object in new {
        let Some((table, name)) = object.part_of_table() else { continue };
        let name = name.clone();
        let candidates = gone.get(&Id::of(Kind::Table, table)).into_iter().flatten();
        let found = candidates.filter(|old| !used.contains(**old)).find_map(|old| {
            let mut known = before.get(old)?.clone();
            (known.kind() == object.kind()).then_some(())?;
            *part_name(&mut known)? = name.clone();
            is_same(&known, object).then_some((*old, known))
        });
        if let Some((old, known)) = found {
            used.insert(old);
            pairs.push((old, known.id(), known));
        }
    }
    retain_possible(&mut pairs, before);
    if pairs.is_empty() {
        return None;
    }
    let mut renaming = Renaming { ids: pairs.iter().map(|(old, new, _)| ((*old).clone(), new.clone())).collect(), ..Renaming::default() };
    let actions = actions(&pairs, before, after);
    let objects: FxHashMap<&Id, &Object> = pairs.iter().map(|(old, _, object)| (*old, object)).collect();
    let mut entries: Vec<(Id, Arc<Entry>)> = before.shared().map(|(id, entry)| (id.clone(), Arc::clone(entry))).collect();
    let mut hanging = Vec::new();
    for (id, entry) in &mut entries {
        if let Some(object) = objects.get(id) {
            Arc::make_mut(entry).object = (*object).clone();
        } else if matches!(id.kind(), Kind::Comment | Kind::Grant) && entry.object.parents().iter().any(|owner| renaming.ids.contains_key(owner)) {
            let object = &mut Arc::make_mut(entry).object;
            object.rename(&renaming, &[]);
            hanging.extend((object.id() != *id).then(|| (id.clone(), object.id())));
        }
    }
    renaming.ids.extend(hanging);
    let catalog = collected(entries, &renaming.ids);
    Some(Renamed { catalog, actions, ids: renaming.ids, renaming: Renaming::default() })
}

/// A part that is there, its new identity, and what it becomes.
type Pair<'c> = (&'c Id, Id, Object);

/// The sets of names within which parts of tables exchange theirs: names of indexes are of their schema, others of their table and kind.
fn slot(object: &Object, name: &str) -> Option<Slot> {
    let (table, _) = object.part_of_table()?;
    let set = match object.kind() {
        Kind::Index | Kind::PrimaryKey | Kind::Unique => format!("index {}", quote(&table.schema)),
        Kind::Trigger => format!("trigger {table}"),
        Kind::Policy => format!("policy {table}"),
        _ => format!("constraint {table}"),
    };
    Some((set, name.to_owned()))
}

/// Leaves those whose new name is free, or gets free by another of them.
fn retain_possible(pairs: &mut Vec<Pair<'_>>, before: &Catalog) {
    let taken = taken(before);
    // As many rounds as names are handed on, and none is free in the end.
    loop {
        let count = pairs.len();
        let freed: FxHashMap<&Id, Option<Slot>> = pairs
            .iter()
            .map(|(old, _, object)| {
                let name = before.get(old).and_then(Object::part_of_table).map(|(_, name)| name.as_str());
                (*old, name.and_then(|name| slot(object, name)))
            })
            .collect();
        let is_possible = |(_, _, object): &Pair<'_>| {
            let Some((table, name)) = object.part_of_table() else { return false };
            let places = [(table.clone(), name.clone()), (QualifiedName::new(table.schema.clone(), ""), name.clone())];
            let own = slot(object, name);
            let mut holders = places.iter().filter_map(|place| taken.get(place)).flatten();
            holders.all(|holder| freed.get(holder).is_some_and(|slot| *slot == own))
        };
        let possible: Vec<bool> = pairs.iter().map(is_possible).collect();
        let mut possible = possible.into_iter();
        pairs.retain(|_| possible.next().unwrap_or_default());
        if pairs.len() == count {
            return;
        }
    }
}

/// The statements, in an order in which every new name is free.
fn actions(pairs: &[Pair<'_>], before: &Catalog, after: &Catalog) -> Vec<Action> {
    let named: Vec<(&Pair<'_>, &String, &String)> =
        pairs.iter().filter_map(|pair| Some((pair, before.get(pair.0)?.part_of_table()?.1, pair.2.part_of_table()?.1))).collect();
    let slots: Vec<(Slot, Slot)> = named.iter().filter_map(|((_, _, object), old, new)| Some((slot(object, old)?, slot(object, new)?))).collect();
    let mut aside = Aside::new(before, after);
    let mut put: FxHashMap<usize, String> = FxHashMap::default();
    let steps = steps(&slots).into_iter().filter_map(|step| {
        let (Step::Whole(number) | Step::Aside(number) | Step::Back(number)) = step;
        let ((_, id, object), old, new) = named.get(number)?;
        let statement = match step {
            Step::Whole(_) => part_rename(object, old, new),
            Step::Aside(_) => {
                let name = aside.name(old);
                let statement = part_rename(object, old, &name);
                put.insert(number, name);
                statement
            }
            Step::Back(_) => part_rename(object, &put.remove(&number)?, new),
        };
        let action = Action::new(id, Verb::Alter, vec![Alteration::catalog(statement?)]);
        Some(Action { provides: vec![id.clone()], comes_first: true, ..action })
    });
    steps.collect()
}

/// Who has which names: with their table, of what shares its constraints, policies and triggers; with their schema alone, of relations.
fn taken(catalog: &Catalog) -> FxHashMap<(QualifiedName, String), Vec<&Id>> {
    let in_schema = |name: &QualifiedName| (QualifiedName::new(name.schema.clone(), ""), name.name.to_string());
    let mut taken: FxHashMap<(QualifiedName, String), Vec<&Id>> = FxHashMap::default();
    let mut take = |place: (QualifiedName, String), id| taken.entry(place).or_default().push(id);
    for (id, entry) in catalog.iter() {
        match &entry.object {
            Object::Table(table) => take(in_schema(&table.name), id),
            Object::View(view) => take(in_schema(&view.name), id),
            Object::Sequence(sequence) => take(in_schema(&sequence.name), id),
            _ => {}
        }
        if let Some((table, name)) = entry.object.part_of_table() {
            take((table.clone(), name.clone()), id);
            if matches!(id.kind(), Kind::Index | Kind::PrimaryKey | Kind::Unique) {
                take(in_schema(&QualifiedName::new(table.schema.clone(), name.as_str())), id);
            }
        }
    }
    taken
}

fn part_name(object: &mut Object) -> Option<&mut String> {
    match object {
        Object::PrimaryKey(key) => Some(&mut key.name),
        Object::Unique(key) => Some(&mut key.name),
        Object::Check(check) => Some(&mut check.name),
        Object::ForeignKey(key) => Some(&mut key.name),
        Object::Index(index) => Some(&mut index.name),
        Object::Trigger(trigger) => Some(&mut trigger.name),
        Object::Policy(policy) => Some(&mut policy.name),
        _ => None,
    }
}

fn part_rename(object: &Object, old: &str, new: &str) -> Option<String> {
    let (table, _) = object.part_of_table()?;
    let (old, new) = (quote(old), quote(new));
    Some(match object.kind() {
        Kind::Index => format!("ALTER INDEX {}.{old} RENAME TO {new};", quote(&table.schema)),
        Kind::Trigger => format!("ALTER TRIGGER {old} ON {table} RENAME TO {new};"),
        Kind::Policy => format!("ALTER POLICY {old} ON {table} RENAME TO {new};"),
        _ => format!("ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new};"),
    })
}
