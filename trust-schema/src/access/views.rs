//! What a view reads, and what of it somebody lacks.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use sqlparser::ast::{SetExpr, TableFactor};

use super::Action;
use super::indexes::Indexes;
use crate::catalog::{Id, Kind, Object, QualifiedName};
use crate::sql::query::{self, Query};
use crate::sql::references::{Candidate, Target};

/// What a view reads.
#[derive(Debug, Default)]
pub struct Reads {
    /// Relations, with the columns that are named.
    pub relations: BTreeMap<Id, BTreeSet<String>>,
    pub functions: BTreeSet<Id>,
    /// The one relation that is written through the view.
    pub written: Option<Id>,
}

/// What every view reads, by its identity.
pub type AllReads = FxHashMap<Id, Reads>;

/// What every view reads.
pub fn reads(indexes: &Indexes<'_>) -> AllReads {
    let read = |(id, view): &(&Id, &crate::kinds::view::View)| {
        let parsed = query::parse_query(view.query.text()).ok()?;
        Some(((*id).clone(), of_query(&parsed, indexes)))
    };
    indexes.views.iter().filter_map(read).collect()
}

fn of_query(query: &Query, indexes: &Indexes<'_>) -> Reads {
    let references = query.references();
    let mut reads = Reads::default();
    let named: Vec<Option<(&Id, QualifiedName)>> = references
        .relations
        .iter()
        .map(|relation| {
            let name = QualifiedName::new(relation.schema.as_deref().unwrap_or(crate::names::DEFAULT_SCHEMA), relation.name.as_str());
            indexes.relation(&name).map(|id| (id, name))
        })
        .collect();
    for (id, _) in named.iter().flatten() {
        reads.relations.entry((*id).clone()).or_default();
    }
    for column in &references.columns {
        let places: Vec<usize> = match &column.target {
            Target::Relation(place) => vec![*place],
            Target::Candidates(levels) => {
                let places = levels.iter().flatten();
                places.filter_map(|candidate| if let Candidate::Relation(place) = candidate { Some(*place) } else { None }).collect()
            }
            Target::Outer | Target::Local => Vec::new(),
        };
        for (id, name) in places.into_iter().filter_map(|place| named.get(place)?.as_ref()) {
            let known = columns(id, name, indexes);
            let read = known.into_iter().filter(|known| column.column == "*" || *known == column.column).map(str::to_owned);
            reads.relations.entry((*id).clone()).or_default().extend(read);
        }
    }
    for call in &references.functions {
        if let Some(schema) = &call.schema {
            let name = QualifiedName::new(schema.as_str(), call.name.as_str());
            reads.functions.extend(indexes.function_names.get(&name).into_iter().flatten().map(|id| (*id).clone()));
        }
    }
    reads.written = written(query, &named);
    reads
}

/// The columns of a table or view.
fn columns<'c>(id: &Id, name: &QualifiedName, indexes: &Indexes<'c>) -> Vec<&'c str> {
    match indexes.catalog.get(id) {
        Some(Object::View(view)) => view.columns.iter().map(|(column, _)| column.as_str()).collect(),
        _ => indexes.columns.get(name).cloned().unwrap_or_default(),
    }
}

/// PostgreSQL writes through a view of one relation without joins, groups or sets.
fn written(query: &Query, named: &[Option<(&Id, QualifiedName)>]) -> Option<Id> {
    let SetExpr::Select(select) = query.tree().body.as_ref() else { return None };
    let [from] = select.from.as_slice() else { return None };
    let TableFactor::Table { name, args: None, .. } = &from.relation else { return None };
    if !from.joins.is_empty() || select.distinct.is_some() || query.tree().with.is_some() {
        return None;
    }
    let last = name.0.last().and_then(|part| part.as_ident()).map(|part| part.value.clone())?;
    let known = named.iter().flatten().find(|(_, name)| name.name.eq_ignore_ascii_case(&last));
    known.map(|(id, _)| (*id).clone())
}

/// The rights of one principal, as far as a view asks.
pub trait Holds {
    /// Whether it has the right on the whole relation, or the columns on which it has.
    fn columns(&self, object: &Id, action: Action) -> Held<'_>;
}

/// How much of a relation somebody may act on.
pub enum Held<'r> {
    Nothing,
    Columns(&'r BTreeSet<String>),
    Everything,
}

/// What a query of a view needs that somebody lacks. What a view reads with the caller's rights, a view beneath it reads so too, unless that
/// has the owner's; functions are always called with the caller's rights.
pub fn lacks(view: &Id, reads: &AllReads, indexes: &Indexes<'_>, holds: &impl Holds) -> BTreeSet<Id> {
    let mut lacking = BTreeSet::new();
    let mut seen: BTreeSet<&Id> = BTreeSet::new();
    let mut pending: Vec<&Id> = vec![view];
    while let Some(id) = pending.pop() {
        let (Some(Object::View(view)), Some(reads)) = (indexes.catalog.get(id), reads.get(id)) else { continue };
        if !seen.insert(id) {
            continue;
        }
        let missing = |function: &&Id| matches!(holds.columns(function, Action::Execute), Held::Nothing);
        lacking.extend(reads.functions.iter().filter(missing).cloned());
        for (relation, columns) in &reads.relations {
            let held = match holds.columns(relation, Action::Select) {
                Held::Everything => true,
                Held::Columns(held) => columns.is_subset(held),
                Held::Nothing => false,
            };
            if view.security_invoker && !held {
                lacking.insert(relation.clone());
            }
            if relation.kind() == Kind::View {
                pending.push(relation);
            }
        }
    }
    lacking
}
