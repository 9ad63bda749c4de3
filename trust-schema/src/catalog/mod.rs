//! The Catalog: what PostgreSQL would hold, as typed, comparable values. A spec, a live database and a release all become one.
//!
//! It holds no places of files; where an object was declared is a side table (`resolve::Origins`).

mod expression;
mod id;

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use expression::Expression;
pub use id::{Id, QualifiedName};

pub use crate::kinds::{Kind, Object};

/// An object and what must exist before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub object: Object,
    /// Objects that this one refers to, besides the table or schema that it is part of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Id>,
}

/// All objects, by identity, in the order in which they were added. Copies share them: the states of an evolution are mostly the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    #[serde(serialize_with = "serialize_entries", deserialize_with = "deserialize_entries")]
    entries: Entries,
}

type Entries = IndexMap<Id, Arc<Entry>, FxBuildHasher>;

fn serialize_entries<S: Serializer>(entries: &Entries, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(id, entry)| (id, &**entry)))
}

fn deserialize_entries<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Entries, D::Error> {
    let entries = IndexMap::<Id, Entry, FxBuildHasher>::deserialize(deserializer)?;
    Ok(entries.into_iter().map(|(id, entry)| (id, entry.into())).collect())
}

impl Catalog {
    /// Adds an object; gives back the one that had its identity already, which then stays.
    pub fn insert(&mut self, object: Object, needs: BTreeSet<Id>) -> Result<Id, Id> {
        self.insert_as(object.id(), Entry { object, needs })
    }

    /// As [`Catalog::insert`], of an object whose identity is known.
    pub(crate) fn insert_as(&mut self, id: Id, entry: impl Into<Arc<Entry>>) -> Result<Id, Id> {
        match self.entries.entry(id.clone()) {
            indexmap::map::Entry::Occupied(_) => Err(id),
            indexmap::map::Entry::Vacant(vacant) => {
                vacant.insert(entry.into());
                Ok(id)
            }
        }
    }

    /// Makes room for more objects.
    pub fn reserve(&mut self, objects: usize) {
        self.entries.reserve(objects);
    }

    /// Takes all objects out, in their order.
    pub fn into_entries(self) -> impl Iterator<Item = (Id, Arc<Entry>)> {
        self.entries.into_iter()
    }

    /// Sorts by identity, for outputs that shall not depend on the order of declaration.
    pub fn sort(&mut self) {
        self.entries.sort_unstable_keys();
    }

    pub fn get(&self, id: &Id) -> Option<&Object> {
        self.entries.get(id).map(|entry| &entry.object)
    }

    /// An object to be changed in what is no part of its identity.
    pub(crate) fn get_mut(&mut self, id: &Id) -> Option<&mut Object> {
        self.entries.get_mut(id).map(|entry| &mut Arc::make_mut(entry).object)
    }

    /// Adds to what an object needs.
    pub(crate) fn add_needs(&mut self, id: &Id, needs: impl IntoIterator<Item = Id>) {
        if let Some(entry) = self.entries.get_mut(id) {
            Arc::make_mut(entry).needs.extend(needs);
        }
    }

    /// Holds in common with another Catalog what is the same in both: comparing them is then fast.
    pub(crate) fn share(&mut self, other: &Catalog) {
        let same = self.paired(other).enumerate().filter_map(|(place, (_, entry, known))| {
            let known = known.filter(|known| !Arc::ptr_eq(known, entry) && *known == entry)?;
            Some((place, Arc::clone(known)))
        });
        for (place, known) in same.collect::<Vec<_>>() {
            if let Some((_, entry)) = self.entries.get_index_mut(place) {
                *entry = known;
            }
        }
    }

    /// Each object with that of the same identity in another Catalog. Where both are in the same order and share their objects, nothing is looked up.
    pub(crate) fn paired<'c>(&'c self, other: &'c Catalog) -> impl Iterator<Item = (&'c Id, &'c Arc<Entry>, Option<&'c Arc<Entry>>)> {
        let mut next = 0;
        self.entries.iter().map(move |(id, entry)| {
            let known = match other.entries.get_index(next) {
                Some((_, known)) if Arc::ptr_eq(known, entry) => {
                    next += 1;
                    Some(known)
                }
                _ => other.entries.get_full(id).map(|(place, _, known)| {
                    next = place + 1;
                    known
                }),
            };
            (id, entry, known)
        })
    }

    /// The place of an object in the order of the Catalog.
    pub fn place(&self, id: &Id) -> Option<usize> {
        self.entries.get_index_of(id)
    }

    /// The object at a place.
    pub fn at(&self, place: usize) -> Option<(&Id, &Entry)> {
        self.entries.get_index(place).map(|(id, entry)| (id, &**entry))
    }

    pub fn contains(&self, id: &Id) -> bool {
        self.entries.contains_key(id)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Id, &Entry)> {
        self.entries.iter().map(|(id, entry)| (id, &**entry))
    }

    /// As [`Catalog::iter`], of what can be shared with another Catalog.
    pub(crate) fn shared(&self) -> impl Iterator<Item = (&Id, &Arc<Entry>)> {
        self.entries.iter()
    }

    /// The object that can be shared with another Catalog.
    pub(crate) fn get_shared(&self, id: &Id) -> Option<&Arc<Entry>> {
        self.entries.get(id)
    }

    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.entries.values().map(|entry| &entry.object)
    }

    pub fn needs(&self, id: &Id) -> impl Iterator<Item = &Id> {
        self.entries.get(id).into_iter().flat_map(|entry| entry.needs.iter())
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
