//! Which declared types hold which, and which columns hold them, however deep.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::{FxHashMap, FxHashSet};

use super::rebuild::is_type;
use crate::catalog::{Catalog, Id, Kind, Object};
use crate::kinds::domain::Domain;

/// The declared type that something is written with; none of PostgreSQL's own.
pub fn declared<'c>(catalog: &'c Catalog, written: &str, holder: &Id) -> Option<(&'c Id, &'c Object)> {
    let id = catalog.needs(holder).find(|id| is_of(written, id))?;
    Some((id, catalog.get(id)?))
}

/// Whether a type is written as this one, or as an array of it.
pub fn is_of(written: &str, id: &Id) -> bool {
    is_type(id.kind()) && id.name() == written.trim_end_matches("[]")
}

/// The domains of a type that is written so, each with the type on which it stands: the outermost first, and whether an array of it is meant.
pub fn domains<'c>(catalog: &'c Catalog, written: &'c str, holder: &Id) -> impl Iterator<Item = (&'c Id, &'c Domain, bool)> {
    let mut at = (written, holder.clone());
    // No way is longer, and a file that somebody has written by hand may hold a circle.
    (0..=catalog.len()).map_while(move |_| {
        let (written, holder) = &at;
        let is_array = written.ends_with("[]");
        let Some((id, Object::Domain(domain))) = declared(catalog, written, holder) else { return None };
        at = (&domain.base, id.clone());
        Some((id, domain, is_array))
    })
}

/// By type, what is written with it.
#[derive(Default)]
pub struct Holding<'c> {
    /// Types and columns, and whether they have it as an array.
    holders: FxHashMap<&'c Id, Vec<(&'c Id, bool)>>,
}

impl<'c> Holding<'c> {
    pub fn new(catalog: &'c Catalog) -> Holding<'c> {
        let mut holding = Holding::default();
        for (id, entry) in catalog.iter() {
            match &entry.object {
                Object::Column(column) => holding.holds(catalog, id, &column.data_type),
                Object::Domain(domain) => holding.holds(catalog, id, &domain.base),
                Object::Composite(composite) => composite.attributes.iter().for_each(|(_, written)| holding.holds(catalog, id, written)),
                _ => {}
            }
        }
        holding
    }

    fn holds(&mut self, catalog: &'c Catalog, holder: &'c Id, written: &str) {
        if let Some((id, _)) = declared(catalog, written, holder) {
            self.holders.entry(id).or_default().push((holder, written.ends_with("[]")));
        }
    }

    /// Columns that hold a type, and whether they do so within an array or a composite type.
    pub fn columns(&self, id: &Id) -> BTreeMap<&'c Id, bool> {
        let mut columns: BTreeMap<&'c Id, bool> = BTreeMap::new();
        let mut known: FxHashSet<(&Id, bool)> = FxHashSet::default();
        let mut pending = VecDeque::from([(id, false)]);
        while let Some((id, is_within)) = pending.pop_front() {
            for (holder, is_array) in self.holders.get(id).into_iter().flatten() {
                let is_within = is_within || *is_array || holder.kind() == Kind::Composite;
                if holder.kind() == Kind::Column {
                    let column = columns.entry(holder).or_default();
                    *column |= is_within;
                } else if known.insert((holder, is_within)) {
                    pending.push_back((holder, is_within));
                }
            }
        }
        columns
    }

    /// These types, and all that hold one of them.
    pub fn with_holders(&self, types: impl IntoIterator<Item = &'c Id>) -> FxHashSet<&'c Id> {
        let mut found: FxHashSet<&'c Id> = FxHashSet::default();
        let mut pending: Vec<&'c Id> = types.into_iter().collect();
        while let Some(id) = pending.pop() {
            if found.insert(id) {
                pending.extend(self.holders.get(id).into_iter().flatten().map(|(holder, _)| *holder).filter(|holder| is_type(holder.kind())));
            }
        }
        found
    }
}
