//! In which migration, and in which order, objects are created.

mod order;
mod placement;

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, Id, Object};
use crate::diagnostic::Diagnostic;
use crate::kinds::Kind;
use crate::names::Origins;
use crate::parallel;

/// A module: one migration.
#[derive(Debug, Clone)]
pub struct Module {
    /// File name without `.sql`.
    pub migration: String,
    pub summary: String,
    /// Its file, relative to the spec's folder.
    pub file: String,
}

/// The order of creation.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// For each module, its objects in the order of creation.
    pub migrations: Vec<Vec<Id>>,
    /// For each table, the columns and constraints that are created with it, in order.
    pub inline: FxHashMap<Id, Vec<Id>>,
    /// All objects in an order in which they could be created from nothing.
    pub order: Vec<Id>,
}

/// Plans the creation of everything from nothing. `None` after a diagnostic.
pub fn plan(catalog: &Catalog, origins: &Origins, modules: &[Module], diagnostics: &mut Vec<Diagnostic>) -> Option<Plan> {
    let Creation { graph, inline } = Creation::of(catalog, origins);
    let placement = placement::place(&graph, catalog, origins, modules, diagnostics)?;
    let migrations = order::order(&graph, &placement, modules.len());
    let order = migrations.iter().flatten().cloned().collect();
    Some(Plan { migrations, inline, order })
}

/// How everything in a Catalog could be created from nothing.
pub struct Creation<'c> {
    graph: Graph<'c>,
    /// As in [`Plan`].
    pub inline: FxHashMap<Id, Vec<Id>>,
}

impl<'c> Creation<'c> {
    pub fn of(catalog: &'c Catalog, origins: &Origins) -> Creation<'c> {
        let (inline, graph) = parallel::join(|| inline(catalog), || Graph::new(catalog, origins));
        Creation { graph, inline }
    }

    /// The order as near as can be to that of the migrations that `place` tells.
    pub fn order(&self, place: impl Fn(&Id) -> usize) -> Vec<Id> {
        let placement: Vec<usize> = self.graph.nodes.iter().map(|id| place(id)).collect();
        order::sequence(&self.graph, &placement).into_iter().map(|(_, id)| id).collect()
    }
}

/// For each table of a Catalog, the columns and constraints that are created with it, in order.
pub fn inline(catalog: &Catalog) -> FxHashMap<Id, Vec<Id>> {
    let mut parts: FxHashMap<Id, Vec<(Kind, u32, &Id)>> = FxHashMap::default();
    for (id, entry) in catalog.iter().filter(|(_, entry)| is_inline(&entry.object, &entry.needs)) {
        if let Some(table) = entry.object.parents().into_iter().next().filter(|table| catalog.contains(table)) {
            parts.entry(table).or_default().push((id.kind(), position(&entry.object), id));
        }
    }
    let in_order = |(table, mut parts): (Id, Vec<(Kind, u32, &Id)>)| {
        parts.sort_unstable();
        (table, parts.into_iter().map(|(.., id)| id.clone()).collect())
    };
    parts.into_iter().map(in_order).collect()
}

/// Objects as nodes: parts that are created with their table, and what hangs on an object, are no nodes of their own.
pub struct Graph<'c> {
    /// Sorted by rank, then by place in the spec: the order among objects that do not need each other.
    nodes: Vec<&'c Id>,
    /// What each node needs.
    needs: Vec<Vec<usize>>,
    /// For each node, comments and grants on it and on its parts, in order.
    satellites: Vec<Vec<&'c Id>>,
}

impl<'c> Graph<'c> {
    fn new(catalog: &'c Catalog, origins: &Origins) -> Graph<'c> {
        let place = |id: &Id| origins.get(id).map(|origin| origin.span);
        let (mut nodes, mut parts, mut hanging) = (Vec::new(), Vec::new(), Vec::new());
        for (id, entry) in catalog.iter() {
            let parents = entry.object.parents();
            match id.kind() {
                Kind::Comment | Kind::Grant => hanging.push((id, parents)),
                _ if is_inline(&entry.object, &entry.needs) => parts.push((id, parents, &entry.needs)),
                _ => nodes.push((id, parents, &entry.needs)),
            }
        }
        nodes.sort_by_cached_key(|(id, ..)| (id.kind(), place(id), *id));
        let index: FxHashMap<&Id, usize> = nodes.iter().enumerate().map(|(index, (id, ..))| (*id, index)).collect();
        let inline: FxHashMap<&Id, usize> = parts.iter().filter_map(|(id, parents, _)| Some((*id, *index.get(parents.first()?)?))).collect();
        let node_of = |id: &Id| index.get(id).or_else(|| inline.get(id)).copied();
        let mut needs: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for (id, parents, needed) in nodes.iter().chain(&parts) {
            let Some(node) = node_of(id) else { continue };
            needs[node].extend(parents.iter().chain(*needed).filter_map(&node_of).filter(|need| *need != node));
        }
        for list in &mut needs {
            list.sort_unstable();
            list.dedup();
        }
        // The comment on the object itself, on its columns in their order, on its constraints, then the grants.
        hanging.sort_by_cached_key(|(id, parents)| {
            let target = parents.first().map(|target| (target.kind(), catalog.get(target).map_or(0, position)));
            (std::cmp::Reverse(id.kind()), target, *id)
        });
        let mut satellites: Vec<Vec<&Id>> = vec![Vec::new(); nodes.len()];
        for (id, parents) in hanging {
            if let Some(node) = parents.first().and_then(&node_of) {
                satellites[node].push(id);
            }
        }
        Graph { nodes: nodes.into_iter().map(|(id, ..)| id).collect(), needs, satellites }
    }
}

/// Place of a column in its table; everything else has none.
fn position(object: &Object) -> u32 {
    match object {
        Object::Column(column) => column.position,
        _ => 0,
    }
}

/// Columns always, and constraints that need nothing but types: a check that calls a function follows its table, since the function may
/// need the table.
fn is_inline(object: &Object, needs: &std::collections::BTreeSet<Id>) -> bool {
    match object.kind() {
        Kind::Column | Kind::PrimaryKey | Kind::Unique => true,
        Kind::Check => needs.iter().all(|need| matches!(need.kind(), Kind::Enum | Kind::Domain | Kind::Composite)),
        _ => false,
    }
}
