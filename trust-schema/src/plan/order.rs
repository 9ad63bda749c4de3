//! The order within each migration.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Graph;
use crate::catalog::Id;

/// All nodes with what hangs on them, each after everything that it needs, and otherwise in the order of their placement. Deterministic:
/// nodes are sorted.
pub fn sequence(graph: &Graph<'_>, placement: &[usize]) -> Vec<(usize, Id)> {
    let mut waiting: Vec<usize> = graph.needs.iter().map(Vec::len).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (node, needs) in graph.needs.iter().enumerate() {
        for need in needs {
            needed_by[*need].push(node);
        }
    }
    let ready = (0..graph.nodes.len()).filter(|node| waiting[*node] == 0).map(|node| Reverse((placement[node], node)));
    let mut ready: BinaryHeap<Reverse<(usize, usize)>> = ready.collect();
    let mut found = Vec::new();
    while let Some(Reverse((module, node))) = ready.pop() {
        found.push((module, graph.nodes[node].clone()));
        found.extend(graph.satellites[node].iter().map(|id| (module, (*id).clone())));
        for dependent in &needed_by[node] {
            waiting[*dependent] -= 1;
            if waiting[*dependent] == 0 {
                ready.push(Reverse((placement[*dependent], *dependent)));
            }
        }
    }
    found
}

/// For each module its objects, in the order of [`sequence`].
pub fn order(graph: &Graph<'_>, placement: &[usize], modules: usize) -> Vec<Vec<Id>> {
    let mut migrations = vec![Vec::new(); modules.max(1)];
    for (module, id) in sequence(graph, placement) {
        if let Some(migration) = migrations.get_mut(module) {
            migration.push(id);
        }
    }
    migrations
}
