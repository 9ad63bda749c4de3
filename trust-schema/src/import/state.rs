//! Which objects the spec models, which are kept as raw SQL, and which no migration can hold. What needs something of a lesser sort is of that
//! sort itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::inventory::{Fate, Inventory, Item, Key, Privilege, Remark};
use crate::catalog::{Catalog, Id, Kind, Object};
use crate::kinds::composite::Composite;
use crate::kinds::domain::Domain;
use crate::kinds::enumeration::Enum;
use crate::kinds::table::Table;
use crate::kinds::view::View;
use crate::sql::builtin::type_kind;
use crate::sql::type_name::TypeName;

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Modelled,
    Raw,
    Left,
}

/// All objects and their sorts.
pub struct State<'i> {
    pub inventory: &'i Inventory,
    pub catalog: &'i Catalog,
    /// Places in the inventory.
    index: HashMap<&'i Key, usize>,
    by_id: HashMap<&'i Id, usize>,
    pub sorts: Vec<Sort>,
    /// Why an object is not modelled.
    pub reasons: BTreeMap<usize, String>,
    /// Which objects belong to others: the platform's, an extension's.
    foreign: Vec<bool>,
    /// The sequences of identity columns, by their tables.
    sequences: HashMap<&'i Key, Vec<&'i str>>,
    /// For each object, those that it needs.
    pub needs: Vec<BTreeSet<usize>>,
    /// Comments on what comes with an object, such as the constraint of a domain.
    pub other_comments: BTreeMap<usize, Vec<&'i Remark>>,
    /// Privileges on what comes with an object: the sequence of an identity column.
    pub other_privileges: BTreeMap<usize, Vec<&'i Privilege>>,
    /// Names that both a type of PostgreSQL and something of the database have.
    namesakes: BTreeSet<&'i str>,
}

/// Whether a name, as it is written without quotes, is that of a type of PostgreSQL; `integer` is one, which its catalog has under another name.
fn is_name_of_postgresql(name: &str) -> bool {
    type_kind(name).is_some() || TypeName::parse(name).is_ok_and(|parsed| parsed.is_builtin())
}

/// The name of a type, or of a relation, whose rows have its name as their type.
fn named_type(object: &Object) -> Option<&str> {
    match object {
        Object::Enum(Enum { name, .. })
        | Object::Domain(Domain { name, .. })
        | Object::Composite(Composite { name, .. })
        | Object::Table(Table { name, .. })
        | Object::View(View { name, .. }) => Some(&name.name),
        _ => None,
    }
}

impl<'i> State<'i> {
    /// A type as people write it: PostgreSQL prints two of them by their long names in the standard, and its own without their schema, even where
    /// something else has the name.
    pub fn written_type(&self, data_type: &str) -> String {
        let short = [("timestamp with time zone", "timestamptz"), ("character varying", "varchar")]
            .iter()
            .find_map(|(long, short)| data_type.strip_prefix(long).map(|rest| format!("{short}{rest}")))
            .unwrap_or_else(|| data_type.to_owned());
        match (TypeName::bare_name(&short), TypeName::parse(data_type)) {
            (Some(bare), Ok(parsed)) if self.namesakes.contains(bare.as_str()) => parsed.qualified(),
            _ => short,
        }
    }
    pub fn new(inventory: &'i Inventory, catalog: &'i Catalog, foreign: BTreeSet<Key>, superuser: bool) -> State<'i> {
        let items = &inventory.items;
        let index: HashMap<&Key, usize> = items.iter().enumerate().map(|(place, item)| (&item.key, place)).collect();
        let by_id = items.iter().enumerate().filter_map(|(place, item)| Some((item.id.as_ref()?, place))).collect();
        let mut state = State {
            inventory,
            catalog,
            index,
            by_id,
            sorts: vec![Sort::Modelled; items.len()],
            reasons: BTreeMap::new(),
            foreign: items.iter().map(|item| foreign.contains(&item.key)).collect(),
            sequences: HashMap::new(),
            needs: vec![BTreeSet::new(); items.len()],
            other_comments: BTreeMap::new(),
            other_privileges: BTreeMap::new(),
            namesakes: catalog.objects().filter_map(named_type).filter(|name| is_name_of_postgresql(name)).collect(),
        };
        let come_along = |key: &Key| state.resolve(key).filter(|place| items[*place].key != *key);
        let comments: Vec<(usize, &Remark)> = inventory
            .comments
            .iter()
            .filter_map(|(key, list)| Some((come_along(key)?, list)))
            .flat_map(|(place, list)| list.iter().map(move |one| (place, one)))
            .collect();
        let privileges: Vec<(usize, &Privilege)> = inventory
            .privileges
            .iter()
            .filter_map(|(key, list)| Some((come_along(key)?, list)))
            .flat_map(|(place, list)| list.iter().map(move |one| (place, one)))
            .collect();
        comments.into_iter().for_each(|(place, one)| state.other_comments.entry(place).or_default().push(one));
        privileges.into_iter().for_each(|(place, one)| state.other_privileges.entry(place).or_default().push(one));
        for (from, to) in &inventory.needs {
            let (Some(from), Some(to)) = (state.resolve(from), state.resolve(to)) else { continue };
            if from != to {
                state.needs[from].insert(to);
            }
        }
        for (place, item) in items.iter().enumerate() {
            if let Some(of) = item.of.as_ref().filter(|_| item.fate != Fate::Alias).and_then(|of| state.resolve(of)) {
                state.needs[place].insert(of);
            }
        }
        for (place, item) in items.iter().enumerate().filter(|(_, item)| item.key.part != 0) {
            if item.of.as_ref().and_then(|of| state.resolve(of)).is_some_and(|of| state.foreign[of]) {
                state.foreign[place] = true;
            }
        }
        for item in items.iter().filter(|item| item.class == "sequence of an identity column") {
            if let (Some(of), Some(name)) = (&item.of, &item.up) {
                state.sequences.entry(of).or_default().push(name);
            }
        }
        let mut keys_of: HashMap<usize, Vec<usize>> = HashMap::new();
        for (place, item) in items.iter().enumerate() {
            if matches!(item.class.as_str(), "primary key" | "unique constraint" | "check constraint" | "exclusion constraint" | "index")
                && let Some(of) = item.of.as_ref().and_then(|of| state.resolve(of))
            {
                keys_of.entry(of).or_default().push(place);
            }
        }
        // A partition is attached when both sides have their keys and indexes.
        for (place, _) in items.iter().enumerate().filter(|(_, item)| item.class == "attachment of a partition") {
            let own: BTreeSet<usize> = state.needs[place].clone();
            let tables: BTreeSet<usize> = own.iter().flat_map(|table| state.needs[*table].iter().copied().chain([*table])).collect();
            let parts: Vec<usize> = tables.iter().filter_map(|table| keys_of.get(table)).flatten().copied().collect();
            state.needs[place].extend(parts);
        }
        for (place, item) in items.iter().enumerate() {
            match &item.fate {
                Fate::Report(reason) if !(superuser && item.up.is_some() && reason.starts_with("only a superuser")) => {
                    state.lower(place, Sort::Left, reason);
                }
                Fate::Report(_) | Fate::Object if !item.id.as_ref().is_some_and(|id| catalog.contains(id)) => {
                    state.lower(place, Sort::Raw, &format!("the spec language has no word for this {}", item.class));
                }
                _ if item.fate == Fate::Object && !state.is_foreign(place) && state.of(place).is_some_and(|of| state.is_foreign(of)) => {
                    state.lower(place, Sort::Raw, "it is on an object of others, which a spec only refers to");
                }
                _ => {}
            }
        }
        state.close();
        state
    }

    /// The object of a key, or the one with which it comes.
    pub fn resolve(&self, key: &Key) -> Option<usize> {
        let mut place = *self.index.get(key)?;
        for _ in 0..8 {
            let item = &self.inventory.items[place];
            match (&item.fate, &item.of) {
                (Fate::Alias, Some(of)) => place = *self.index.get(of)?,
                (Fate::Alias, None) => return None,
                _ => return Some(place),
            }
        }
        None
    }

    pub fn item(&self, place: usize) -> &'i Item {
        &self.inventory.items[place]
    }

    pub fn place(&self, id: &Id) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub fn is_foreign(&self, place: usize) -> bool {
        self.foreign.get(place).copied().unwrap_or_default()
    }

    /// Whether an object of the Catalog is written as a part of the model.
    pub fn models(&self, id: &Id) -> bool {
        self.place(id).is_some_and(|place| self.sorts[place] == Sort::Modelled && !self.is_foreign(place))
    }

    /// The part of an object, such as the default of a column.
    pub fn of(&self, place: usize) -> Option<usize> {
        self.item(place).of.as_ref().and_then(|of| self.resolve(of))
    }

    /// Makes an object of a lesser sort; whether it was better.
    pub fn lower(&mut self, place: usize, sort: Sort, reason: &str) -> bool {
        if self.sorts[place] >= sort {
            return false;
        }
        self.sorts[place] = sort;
        self.reasons.insert(place, reason.to_owned());
        true
    }

    /// What needs an object of a lesser sort is no better itself. Options, comments and the like stay what they are, since they follow.
    pub fn close(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for place in 0..self.sorts.len() {
                let item = self.item(place);
                if item.fate == Fate::Alias || self.is_foreign(place) {
                    continue;
                }
                let worst = self.needs[place].iter().copied().filter(|need| !self.is_foreign(*need)).max_by_key(|need| self.sorts[*need]);
                let Some(worst) = worst.filter(|worst| self.sorts[*worst] > self.sorts[place]) else { continue };
                let reason = format!("it needs {}, which is not modelled", self.item(worst).label());
                changed |= self.lower(place, self.sorts[worst], &reason);
            }
            // The verification counts functions by name: one that is not modelled takes its namesakes along.
            let raw: BTreeSet<(Option<String>, Option<String>)> = self.routines(Sort::Raw).map(|place| name(self.item(place))).collect();
            let namesakes: Vec<usize> = self.routines(Sort::Modelled).filter(|place| raw.contains(&name(self.item(*place)))).collect();
            for place in namesakes {
                changed |= self.lower(place, Sort::Raw, "another function of its name is not modelled");
            }
        }
    }

    fn routines(&self, sort: Sort) -> impl Iterator<Item = usize> + '_ {
        (0..self.sorts.len()).filter(move |place| {
            let item = self.item(*place);
            item.key.catalog == "pg_proc"
                && item.fate != Fate::Alias
                && !self.is_foreign(*place)
                && (self.sorts[*place] == sort || (sort == Sort::Raw && self.sorts[*place] > sort))
        })
    }

    /// The sequences of the identity columns of a table.
    pub fn sequences_of(&self, place: usize) -> impl Iterator<Item = &'i str> + '_ {
        self.sequences.get(&self.item(place).key).into_iter().flatten().copied()
    }

    /// Modelled objects of a kind in the order of the inventory.
    pub fn modelled(&self, kind: Kind) -> impl Iterator<Item = (usize, &'i Object)> + '_ {
        (0..self.sorts.len()).filter_map(move |place| {
            let id = self.item(place).id.as_ref().filter(|id| id.kind() == kind)?;
            if self.sorts[place] != Sort::Modelled || self.is_foreign(place) {
                return None;
            }
            Some((place, self.catalog.get(id)?))
        })
    }
}

fn name(item: &Item) -> (Option<String>, Option<String>) {
    (item.schema.clone(), item.name.clone())
}
