//! The way back for what PostgreSQL does not simply replace: types of columns, values of enums, views, keys. It is planned as the way between two
//! releases is, so what stands on the object goes and comes with it.

use std::cell::OnceCell;
use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::converge::{part, with_needs};
use crate::catalog::{Catalog, Id, Kind, Object};
use crate::evolution::{Hazard, Manner, evolve, hazards};
use crate::sql::comment::line_comment;

/// Plans ways back, each for one object of a live Catalog.
pub struct Ways<'w> {
    live: &'w Catalog,
    expected: &'w Catalog,
    known: &'w Catalog,
    revoked: String,
    /// Found out when it is first asked for: an untouched database needs none.
    standing: OnceCell<Standing>,
}

/// The live Catalog with what its objects need, and the other way round.
struct Standing {
    catalog: Catalog,
    on: FxHashMap<Id, Vec<Id>>,
}

impl<'w> Ways<'w> {
    pub fn new(live: &'w Catalog, expected: &'w Catalog, known: &'w Catalog, revoked: String) -> Ways<'w> {
        Ways { live, expected, known, revoked, standing: OnceCell::new() }
    }

    /// Statements after which the object is as it should be, and everything else as it is; none where there is no way.
    pub fn back(&self, id: &Id, goal: &Object) -> Vec<String> {
        let standing = self.standing.get_or_init(|| {
            // What is made anew does not get back a privilege that nobody should have.
            let counts = |id: &Id, _: &Object| id.kind() != Kind::Grant || self.expected.contains(id);
            Standing::of(with_needs(part(self.live, counts), self.known))
        });
        let before = standing.around(id);
        let mut after = before.clone();
        match after.get_mut(id) {
            Some(object) => *object = goal.clone(),
            None => return Vec::new(),
        }
        let Ok(evolution) = evolve(&before, &after, &self.revoked, Manner::AtOnce) else { return Vec::new() };
        if !evolution.refused.is_empty() {
            return Vec::new();
        }
        let mut statements: Vec<String> = evolution.steps().flat_map(|step| &step.statements).map(|statement| statement.sql.clone()).collect();
        // Said where it is read before it is run.
        let costs: String = hazards(&evolution).iter().filter_map(cost).map(|cost| line_comment(&cost) + "\n").collect();
        if let Some(first) = statements.first_mut() {
            first.insert_str(0, &costs);
        }
        statements
    }
}

fn cost(hazard: &Hazard) -> Option<String> {
    match hazard {
        Hazard::Loss { object } => Some(format!("destroys values: {object}")),
        Hazard::Reduced { object, what } => Some(format!("values lose {what}: {object}")),
        Hazard::Rewrite { object } => Some(format!("writes every row anew: {object}")),
        Hazard::Scan { .. } => None,
    }
}

impl Standing {
    fn of(catalog: Catalog) -> Standing {
        let mut on: FxHashMap<Id, Vec<Id>> = FxHashMap::default();
        for (id, entry) in catalog.iter() {
            for below in entry.object.parents().into_iter().chain(entry.needs.iter().cloned()) {
                on.entry(below).or_default().push(id.clone());
            }
        }
        Standing { catalog, on }
    }

    /// An object with all that stands on it, and what that stands on.
    fn around(&self, id: &Id) -> Catalog {
        let mut around: FxHashSet<Id> = FxHashSet::default();
        let mut pending = VecDeque::from([id.clone()]);
        while let Some(id) = pending.pop_front() {
            if id.kind() == Kind::Schema || !around.insert(id.clone()) {
                continue;
            }
            // What names a column is told to need its table.
            if let Some(Object::Column(column)) = self.catalog.get(&id) {
                pending.push_back(Id::of(Kind::Table, &column.table));
            }
            pending.extend(self.on.get(&id).into_iter().flatten().cloned());
        }
        let mut pending: Vec<Id> = around.iter().cloned().collect();
        while let Some(id) = pending.pop() {
            let parents = self.catalog.get(&id).map(Object::parents).unwrap_or_default();
            for below in parents.into_iter().chain(self.catalog.needs(&id).cloned()) {
                if self.catalog.contains(&below) && around.insert(below.clone()) {
                    pending.push(below);
                }
            }
        }
        part(&self.catalog, |id, _| around.contains(id))
    }
}
