//! Ways through the graph around every assertion.

use std::collections::{HashMap, VecDeque};

use super::conditions::Judge;
use super::facts::Facts;
use super::graph::{END, Edge, Graph, START, Way};

/// What is known before each node, `None` where nothing gets to.
pub(super) fn facts(graph: &Graph, judge: &Judge<'_, '_>, start: Facts) -> Vec<Option<Facts>> {
    let mut known: Vec<Option<Facts>> = vec![None; graph.nodes.len()];
    if let Some(first) = known.get_mut(START) {
        *first = Some(start);
    }
    let mut pending = VecDeque::from([START]);
    while let Some(at) = pending.pop_front() {
        let (Some(node), Some(Some(before))) = (graph.nodes.get(at), known.get(at).cloned()) else { continue };
        let mut after = before.clone();
        node.assigned.iter().for_each(|variable| after.assigned(variable));
        if let Some(query) = &node.found {
            after.found = query.as_ref().is_some_and(|query| judge.is_row_of_caller(query));
        }
        for edge in &node.edges {
            let facts = match (&edge.way, &node.condition) {
                (Way::When(is_true), Some(condition)) => judge.after(condition, *is_true, &after),
                // What was assigned stays assigned, what was asked is forgotten.
                (Way::Raised, _) => Facts::default(),
                _ => after.clone(),
            };
            let Some(known) = known.get_mut(edge.to) else { continue };
            let met = known.as_ref().map_or_else(|| facts.clone(), |known| known.meet(&facts));
            if known.as_ref() != Some(&met) {
                *known = Some(met);
                pending.push_back(edge.to);
            }
        }
    }
    known
}

/// Whether whoever goes this way has been let.
pub(super) fn is_assertion(
    edge: &Edge,
    at: usize,
    graph: &Graph,
    facts: &[Option<Facts>],
    judge: &Judge<'_, '_>,
    asserts: &dyn Fn(&[String]) -> bool,
) -> bool {
    match &edge.way {
        Way::Returned(name) => asserts(name),
        Way::When(is_true) => {
            let (Some(Some(condition)), Some(Some(facts))) = (graph.nodes.get(at).map(|node| &node.condition), facts.get(at)) else { return false };
            if *is_true { judge.entitles_if_true(condition, facts) } else { judge.entitles_if_not_true(condition, facts) }
        }
        _ => false,
    }
}

/// For every node that is reached without an assertion, the node before it.
pub(super) fn unasserted(graph: &Graph, is_assertion: &dyn Fn(usize, &Edge) -> bool) -> HashMap<usize, usize> {
    let mut before = HashMap::from([(START, START)]);
    let mut pending = VecDeque::from([START]);
    while let Some(at) = pending.pop_front() {
        for edge in graph.nodes.get(at).map(|node| node.edges.as_slice()).unwrap_or_default() {
            if !before.contains_key(&edge.to) && !is_assertion(at, edge) {
                before.insert(edge.to, at);
                pending.push_back(edge.to);
            }
        }
    }
    before
}

/// From the start to a node, by what [`unasserted`] found.
pub(super) fn path(before: &HashMap<usize, usize>, to: usize) -> Vec<usize> {
    let mut path = vec![to];
    let mut at = to;
    while let Some(previous) = before.get(&at).copied().filter(|previous| *previous != at) {
        path.push(previous);
        at = previous;
    }
    path.reverse();
    path
}

/// Whether the function can return after this node without an assertion and without an exception that takes back what the node did.
pub(super) fn escapes(graph: &Graph, from: usize, is_assertion: &dyn Fn(usize, &Edge) -> bool) -> bool {
    let protected = graph.nodes.get(from).map(|node| node.protected.as_slice()).unwrap_or_default();
    // Which of the blocks around the node have been left: their handlers take nothing back any more.
    let left = |at: usize, before: u64| {
        let inside = graph.nodes.get(at).map(|node| node.protected.as_slice()).unwrap_or_default();
        let out = protected.iter().take(64).enumerate().filter(|(_, block)| !inside.contains(block));
        out.fold(before, |left, (index, _)| left | 1 << index)
    };
    let mut seen = std::collections::HashSet::from([(from, 0_u64)]);
    let mut pending = VecDeque::from([(from, 0_u64)]);
    while let Some((at, mask)) = pending.pop_front() {
        if at == END {
            return true;
        }
        for edge in graph.nodes.get(at).map(|node| node.edges.as_slice()).unwrap_or_default() {
            let hub = graph.nodes.get(edge.to).and_then(|node| node.hub);
            let block = hub.filter(|_| edge.way == Way::Raised).and_then(|hub| protected.iter().position(|block| *block == hub));
            if is_assertion(at, edge) || block.is_some_and(|block| mask & (1 << block.min(63)) == 0) {
                continue;
            }
            let next = (edge.to, left(edge.to, mask));
            if seen.insert(next) {
                pending.push_back(next);
            }
        }
    }
    false
}
