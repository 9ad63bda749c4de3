//! Objects that get another name: they keep their rows, their ACL, and what stands on them.
//!
//! What was declared comes first. Then constraints, indexes, policies and triggers that are gone, and are there again under another name: they
//! hold nothing of their own, so nobody has to declare it.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Verb;
use super::action::Action;
use super::difference::{Difference, differences, is_same};
use super::intent::Rename;
use crate::catalog::{Catalog, Entry, Id, Kind, Object, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::composite::Composite;
use crate::kinds::domain::Domain;
use crate::kinds::renaming::{Renaming, related};
use crate::kinds::view::View;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// A state with new names, and the statements that make it.
#[derive(Debug, Clone)]
pub struct Renamed {
    pub catalog: Catalog,
    pub(super) actions: Vec<Action>,
    /// Identities before, and what they are now.
    pub ids: FxHashMap<Id, Id>,
}

/// Gives objects their new names; `None` where there are none.
pub fn renamed(before: &Catalog, after: &Catalog, renames: &[Rename]) -> Option<Renamed> {
    let declared = declared(before, renames);
    let alike = alike(declared.as_ref().map_or(before, |renamed| &renamed.catalog), after);
    match (declared, alike) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one),
        (Some(mut first), Some(second)) => {
            first.actions.extend(second.actions);
            for id in first.ids.values_mut() {
                if let Some(new) = second.ids.get(id) {
                    *id = new.clone();
                }
            }
            first.ids.extend(second.ids);
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

fn declared(before: &Catalog, renames: &[Rename]) -> Option<Renamed> {
    let renames: Vec<&Rename> = renames.iter().filter(|rename| is_there(rename, before)).collect();
    if renames.is_empty() {
        return None;
    }
    let mut renaming = Renaming::default();
    for rename in &renames {
        match (*rename).clone() {
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
    let mut ordered = renames;
    // Each names what it is about as it was before all of them: parts first, schemas last.
    ordered.sort_by_key(|rename| match rename {
        Rename::Column { .. } | Rename::Member { .. } | Rename::Value { .. } => 0,
        Rename::Function { .. } => 1,
        Rename::Relation { .. } => 2,
        Rename::Schema { .. } => 3,
    });
    let mut actions: Vec<Action> = ordered.into_iter().map(|rename| action(rename, &renaming)).collect();
    if let Some(last) = actions.last_mut() {
        last.provides.extend(renaming.ids.values().cloned());
        last.provides.sort();
    }
    Some(Renamed { catalog, actions, ids: renaming.ids })
}

/// With the new identities, by which what needs others knows them, too.
fn collected(entries: Vec<(Id, Arc<Entry>)>, ids: &FxHashMap<Id, Id>) -> Catalog {
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

fn action(rename: &Rename, renaming: &Renaming) -> Action {
    let (id, statements) = match rename {
        Rename::Schema { from, to } => (Id::global(Kind::Schema, to), vec![format!("ALTER SCHEMA {} RENAME TO {};", quote(from), quote(to))]),
        Rename::Relation { kind, from, to } => {
            let word = match kind {
                Kind::Table | Kind::View | Kind::Sequence | Kind::Domain => kind.word().to_uppercase(),
                _ => "TYPE".to_owned(),
            };
            (Id::of(*kind, to), moved(&word, from, to, "", renaming))
        }
        Rename::Function { id, from, to } => {
            let arguments = id.name().find('(').and_then(|place| id.name().get(place..)).unwrap_or_default();
            (renaming.ids.get(id).unwrap_or(id).clone(), moved("FUNCTION", from, to, arguments, renaming))
        }
        Rename::Column { table, from, to } => {
            let statement = format!("ALTER TABLE {table} RENAME COLUMN {} TO {};", quote(from), quote(to));
            let mut new = table.clone();
            renaming.relation(&mut new);
            (Id::part(Kind::Column, &new, to), vec![statement])
        }
        Rename::Member { kind, of, from, to } => {
            let what = if *kind == Kind::View { "VIEW" } else { "TYPE" };
            let part = if *kind == Kind::View { "COLUMN" } else { "ATTRIBUTE" };
            let statement = format!("ALTER {what} {of} RENAME {part} {} TO {};", quote(from), quote(to));
            let mut new = of.clone();
            renaming.relation(&mut new);
            (Id::of(*kind, &new), vec![statement])
        }
        Rename::Value { name, from, to } => {
            let statement = format!("ALTER TYPE {name} RENAME VALUE {} TO {};", quoted(from), quoted(to));
            let mut new = name.clone();
            renaming.relation(&mut new);
            (Id::of(Kind::Enum, &new), vec![statement])
        }
    };
    let provides = vec![id.clone()];
    Action { provides, comes_first: true, ..Action::new(&id, Verb::Alter, statements.into_iter().map(Alteration::catalog).collect()) }
}

/// Into its schema, then to its name. Schemas have their old names still.
fn moved(word: &str, from: &QualifiedName, to: &QualifiedName, arguments: &str, renaming: &Renaming) -> Vec<String> {
    let schema = renaming.schemas.iter().find(|(_, new)| new.as_str() == &*to.schema).map_or(&*to.schema, |(old, _)| old.as_str());
    let mut statements = Vec::new();
    let there = QualifiedName::new(schema, from.name.clone());
    if *schema != *from.schema {
        statements.push(format!("ALTER {word} {from}{arguments} SET SCHEMA {};", quote(schema)));
    }
    if from.name != to.name {
        statements.push(format!("ALTER {word} {there}{arguments} RENAME TO {};", quote(&to.name)));
    }
    statements
}

/// Parts of tables that hold nothing, and differ in their name alone.
fn alike(before: &Catalog, after: &Catalog) -> Option<Renamed> {
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
            _ => {}
        }
    }
    if gone.is_empty() || new.is_empty() {
        return None;
    }
    let taken = taken(before);
    let mut pairs: Vec<(&Id, Id, Object)> = Vec::new();
    let mut used: FxHashSet<&Id> = FxHashSet::default();
    for object in new {
        let Some((table, name)) = object.part_of_table() else { continue };
        if taken.contains(&(QualifiedName::clone(table), name.clone()))
            || taken.contains(&(QualifiedName::new(table.schema.clone(), ""), name.clone()))
        {
            continue;
        }
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
    if pairs.is_empty() {
        return None;
    }
    let mut renaming = Renaming { ids: pairs.iter().map(|(old, new, _)| ((*old).clone(), new.clone())).collect(), ..Renaming::default() };
    let mut actions: Vec<Action> = Vec::new();
    for (old, new, object) in &pairs {
        let Some(statement) = before.get(old).and_then(|before| part_rename(before, object)) else { continue };
        let action = Action::new(new, Verb::Alter, vec![Alteration::catalog(statement)]);
        actions.push(Action { provides: vec![new.clone()], comes_first: true, ..action });
    }
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
    Some(Renamed { catalog, actions, ids: renaming.ids })
}

/// Names that are taken: with their table, of what shares its constraints, policies and triggers; with their schema alone, of relations.
fn taken(catalog: &Catalog) -> FxHashSet<(QualifiedName, String)> {
    let in_schema = |name: &QualifiedName| (QualifiedName::new(name.schema.clone(), ""), name.name.to_string());
    let mut taken = FxHashSet::default();
    for object in catalog.objects() {
        match object {
            Object::Table(table) => drop(taken.insert(in_schema(&table.name))),
            Object::View(view) => drop(taken.insert(in_schema(&view.name))),
            Object::Sequence(sequence) => drop(taken.insert(in_schema(&sequence.name))),
            _ => {}
        }
        if let Some((table, name)) = object.part_of_table() {
            taken.insert((table.clone(), name.clone()));
            if matches!(object.kind(), Kind::Index | Kind::PrimaryKey | Kind::Unique) {
                taken.insert(in_schema(&QualifiedName::new(table.schema.clone(), name.as_str())));
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

fn part_rename(before: &Object, after: &Object) -> Option<String> {
    let (table, old) = before.part_of_table()?;
    let (_, new) = after.part_of_table()?;
    let (old, new) = (quote(old), quote(new));
    Some(match before.kind() {
        Kind::Index => format!("ALTER INDEX {}.{old} RENAME TO {new};", quote(&table.schema)),
        Kind::Trigger => format!("ALTER TRIGGER {old} ON {table} RENAME TO {new};"),
        Kind::Policy => format!("ALTER POLICY {old} ON {table} RENAME TO {new};"),
        _ => format!("ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new};"),
    })
}
