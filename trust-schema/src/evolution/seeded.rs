//! Seeds whose rows refer to rows of other seeds: those that are referred to come first, and go last.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};

/// The seeds of a Catalog by their tables, and the tables with seeds to which these tables refer.
pub struct Seeded<'c> {
    seeds: FxHashMap<&'c QualifiedName, Vec<&'c Id>>,
    references: FxHashMap<&'c QualifiedName, Vec<&'c QualifiedName>>,
}

impl<'c> Seeded<'c> {
    pub fn new(catalog: &'c Catalog) -> Seeded<'c> {
        let mut seeds: FxHashMap<&QualifiedName, Vec<&Id>> = FxHashMap::default();
        for (id, entry) in catalog.iter() {
            if let Object::Seed(seed) = &entry.object {
                seeds.entry(&seed.table).or_default().push(id);
            }
        }
        let mut references: FxHashMap<&QualifiedName, Vec<&QualifiedName>> = FxHashMap::default();
        for object in catalog.objects() {
            if let Object::ForeignKey(key) = object
                && key.table != key.references
                && seeds.contains_key(&key.table)
                && seeds.contains_key(&key.references)
            {
                references.entry(&key.table).or_default().push(&key.references);
            }
        }
        Seeded { seeds, references }
    }

    /// The seeds to whose rows those of a table refer. Tables that refer to each other have no order.
    pub fn referred(&self, table: &QualifiedName) -> Vec<&'c Id> {
        let referred = self.references.get(table).into_iter().flatten().filter(|referred| !self.reaches(referred, table));
        referred.flat_map(|referred| self.seeds.get(referred).into_iter().flatten().copied()).collect()
    }

    fn reaches(&self, from: &'c QualifiedName, to: &QualifiedName) -> bool {
        let (mut pending, mut seen) = (vec![from], FxHashSet::default());
        while let Some(table) = pending.pop() {
            if table == to {
                return true;
            }
            if seen.insert(table) {
                pending.extend(self.references.get(table).into_iter().flatten().copied());
            }
        }
        false
    }
}

/// What stands for the rows of a seed that go, while the seed stays: no name of a spec has such a character.
pub fn rows_of(seed: &Id) -> Id {
    Id::global(Kind::Seed, &format!("{}\0", seed.name()))
}
