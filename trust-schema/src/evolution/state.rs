//! The states between the parts of an evolution.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::action::Action;
use super::{Evolution, Verb};
use crate::catalog::{Catalog, Entry, Id, Kind, Object};

/// An object that there is for a while: an index before it becomes a constraint, a column before its check is validated, a composite type with the
/// attributes that come and those that go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meanwhile {
    pub object: Object,
    /// The part that makes it.
    pub from: usize,
    /// The part that ends it.
    pub until: usize,
}

/// In which parts objects go and come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// The part from which on an object of the old state is there no more.
    gone: BTreeMap<Id, usize>,
    /// The part from which on an object is as it shall be.
    made: BTreeMap<Id, usize>,
}

impl Settled {
    pub fn new(actions: &[Action], part_of: &[usize]) -> Settled {
        let mut settled = Settled::default();
        for (action, part) in actions.iter().zip(part_of) {
            // A composite type is as it shall be once the last of its attributes has gone.
            let ends = (action.id.kind() == Kind::Composite && !action.removes.is_empty()).then_some(&action.id);
            for id in action.provides.iter().chain(ends) {
                let known = settled.made.entry(id.clone()).or_insert(*part);
                *known = (*known).max(*part);
            }
            if action.verb == Verb::Drop {
                settled.gone.insert(action.id.clone(), *part);
            }
        }
        settled
    }

    /// The objects that a part completes.
    pub fn made_in(&self, part: usize) -> impl Iterator<Item = &Id> {
        self.made.iter().filter(move |(_, made)| **made == part).map(|(id, _)| id)
    }

    /// Of an object and what it belongs to: what is told of itself goes before what is told of its owner.
    fn part(parts: &BTreeMap<Id, usize>, id: &Id, object: &Object) -> Option<usize> {
        parts.get(id).copied().or_else(|| object.parents().iter().filter_map(|owner| parts.get(owner)).copied().max())
    }
}

/// What a Catalog is after each part but the last, which leads to `after`.
pub fn between(evolution: &Evolution, before: &Catalog, after: &Catalog) -> Vec<Catalog> {
    let count = evolution.parts.len().saturating_sub(1);
    let before = evolution.renamed.as_ref().unwrap_or(before);
    (0..count).map(|part| state(evolution, before, after, part)).collect()
}

/// What an object needs that there is for a while.
fn needs(id: &Id, object: &Object, before: &Catalog, after: &Catalog) -> BTreeSet<Id> {
    let of = |catalog: &Catalog| super::rebuild::entry(catalog, id).map(|entry| entry.needs.clone());
    match object {
        // With the attributes that go.
        Object::Composite(_) => of(before).into_iter().chain(of(after)).flatten().collect(),
        _ => of(after).or_else(|| of(before)).unwrap_or_default(),
    }
}

fn state(evolution: &Evolution, before: &Catalog, after: &Catalog, part: usize) -> Catalog {
    let mut catalog = Catalog::default();
    catalog.reserve(after.len());
    let meanwhile: Vec<&Meanwhile> = evolution.meanwhile.iter().filter(|one| (one.from..one.until).contains(&part)).collect();
    let hidden: FxHashSet<Id> = meanwhile.iter().map(|one| one.object.id()).collect();
    for one in &meanwhile {
        let id = one.object.id();
        let entry = Entry { needs: needs(&id, &one.object, before, after), object: one.object.clone() };
        drop(catalog.insert_as(id, entry));
    }
    let mut insert = |id: &Id, entry: &Arc<Entry>| drop(catalog.insert_as(id.clone(), Arc::clone(entry)));
    let Settled { gone, made } = &evolution.settled;
    let is_made = |id: &Id, entry: &Entry| Settled::part(made, id, &entry.object).unwrap_or(0) <= part;
    let is_gone = |id: &Id, entry: &Entry| Settled::part(gone, id, &entry.object).is_some_and(|gone| gone <= part);
    for (id, entry) in after.shared().filter(|(id, _)| !hidden.contains(*id)) {
        match before.get_shared(id) {
            // Dropped, and not created again yet.
            Some(old) if made.get(id).is_some_and(|made| *made > part) && is_gone(id, old) => {}
            Some(old) if Arc::ptr_eq(old, entry) || old.object == entry.object => insert(id, entry),
            _ if is_made(id, entry) => insert(id, entry),
            Some(old) if !is_gone(id, old) => insert(id, old),
            _ => {}
        }
    }
    for (id, entry) in before.shared().filter(|(id, _)| !after.contains(id) && !hidden.contains(*id)) {
        if !is_gone(id, entry) {
            insert(id, entry);
        }
    }
    catalog
}
