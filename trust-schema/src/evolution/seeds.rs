//! Rows of seeds: those that others refer to come first and go last, and where a key gets another type its rows go while it is of the old one.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Verb;
use super::action::{Action, Making};
use super::rebuild::{Change, is_type};
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::kinds::alteration::{Alteration, Work};
use crate::kinds::seed::Seed;
use crate::sql::identifier::quote;

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

/// What becomes of a key that gets another type.
enum NewKey {
    /// A type that is made anew under the same name.
    Remade,
    /// For each of its columns, its value in the new type, over the row as it was.
    Converted(Vec<String>),
}

impl Making<'_, '_> {
    /// Rows of a seed go in an action of their own, which other seeds' rows wait for or go before. What else there is to do.
    pub fn rows_that_go(&mut self, id: &Id, statements: Vec<Alteration>) -> Vec<Alteration> {
        let (Some(Object::Seed(old)), Some(Object::Seed(new))) = (self.before.catalog.get(id), self.after.catalog.get(id)) else { return statements };
        let (gone, statements): (Vec<_>, Vec<_>) = statements.into_iter().partition(|statement| statement.work == Work::Loss);
        if gone.is_empty() {
            return statements;
        }
        let mut action = Action::new(id, Verb::Alter, gone);
        action.still = self.needs(id, self.before, &self.old_keys);
        let new_key = self.new_key(old);
        let is_retyped = new_key.is_some();
        match new_key {
            // The new type is not there yet, or nothing converts to it.
            Some(NewKey::Remade) => {}
            Some(NewKey::Converted(expressions)) => {
                action.statements = vec![Alteration::loss(new.gone(old).drop_unless(new, &expressions))];
            }
            None => action.needs = self.needs(id, self.after, &self.new_keys),
        }
        if is_retyped {
            // While the key is of the type that they were written in, and before what keeps others from referring to them goes.
            let refers = |key: &&Id| matches!(self.before.catalog.get(key), Some(Object::ForeignKey(key)) if key.references == old.table);
            action.still.extend(self.changes.unmatched.iter().copied().filter(refers).cloned());
        }
        action.removes.push(rows_of(id));
        action.still.extend(self.old_seeds().referred(&old.table).into_iter().map(rows_of));
        self.actions.push(action);
        statements
    }

    /// What becomes of the key of a seed that gets another type.
    fn new_key(&self, old: &Seed) -> Option<NewKey> {
        let mut expressions = Vec::with_capacity(old.key.len());
        let mut is_converted = false;
        for name in &old.key {
            let id = Id::part(Kind::Column, &old.table, name);
            let (Some(Object::Column(before)), Some(Object::Column(after))) = (self.before.catalog.get(&id), self.after.catalog.get(&id)) else {
                return None;
            };
            if self.after.catalog.needs(&id).any(|need| is_type(need.kind()) && self.is(need, |change| matches!(change, Change::Replace))) {
                return Some(NewKey::Remade);
            }
            let column = quote(name);
            is_converted |= before.data_type != after.data_type;
            expressions.push(match self.intent.conversions.get(&id) {
                Some(conversion) => format!("({})", conversion.text()),
                None if before.data_type == after.data_type => column.into_owned(),
                None => format!("{column}::{}", after.data_type),
            });
        }
        is_converted.then_some(NewKey::Converted(expressions))
    }

    pub fn old_seeds(&self) -> &Seeded<'_> {
        self.old_seeds.get_or_init(|| Seeded::new(self.before.catalog))
    }

    /// The rows to which those of a seed refer come before them.
    pub fn seeds_before(&self, object: &Object) -> Vec<Id> {
        let Object::Seed(seed) = object else { return Vec::new() };
        let seeds = self.new_seeds.get_or_init(|| Seeded::new(self.after.catalog));
        seeds.referred(&seed.table).into_iter().cloned().collect()
    }
}
