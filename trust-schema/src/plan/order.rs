//! The order within each migration.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Graph;
use crate::catalog::Id;

/// For each module its objects, each after everything that it needs, and otherwise in the order of kinds and of the spec. Deterministic:
/// nodes are sorted.
pub fn order(graph: &Graph<'_>, placement: &[usize], modules: usize) -> Vec<Vec<Id>> {
    let mut waiting: Vec<usize> = graph.needs.iter().map(Vec::len).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (node, needs) in graph.needs.iter().enumerate() {
        for need in needs {
            needed_by[*need].push(node);
        }
    }
    let ready = (0..graph.nodes.len()).filter(|node| waiting[*node] == 0).map(|node| Reverse((placement[node], node)));
    let mut ready: BinaryHeap<Reverse<(usize, usize)>> = ready.collect();
    let mut migrations = vec![Vec::new(); modules.max(1)];
    while let Some(Reverse((module, node))) = ready.pop() {
        if let Some(migration) = migrations.get_mut(module) {
            migration.push(graph.nodes[node].clone());
            migration.extend(graph.satellites[node].iter().map(|id| (*id).clone()));
        }
        for dependent in &needed_by[node] {
            waiting[*dependent] -= 1;
            if waiting[*dependent] == 0 {
                ready.push(Reverse((placement[*dependent], *dependent)));
            }
        }
    }
    migrations
}
