//! In which migration an object is created: the first one in which everything exists that it needs.

use super::Graph;
use crate::catalog::{Catalog, Id, Object};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::Kind;
use crate::names::Origins;
use crate::plan::Module;

/// For each node, the module in which it is created.
pub fn place(graph: &Graph<'_>, catalog: &Catalog, origins: &Origins, modules: &[Module], diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<usize>> {
    let declared = |node: usize| origins.get(graph.nodes[node]).map_or(0, |origin| origin.module);
    let before = diagnostics.len();
    let order = topological(graph, origins, diagnostics)?;
    let mut placement: Vec<usize> = (0..graph.nodes.len()).map(declared).collect();
    for node in order {
        let latest = graph.needs[node].iter().copied().max_by_key(|need| placement[*need]);
        let Some(latest) = latest.filter(|latest| placement[*latest] > placement[node]) else { continue };
        let id = graph.nodes[node];
        if !may_follow(id, catalog) {
            diagnostics.push(too_early(id, graph.nodes[latest], placement[node], placement[latest], origins, modules));
        }
        placement[node] = placement[latest];
    }
    (diagnostics.len() == before).then_some(placement)
}

/// Whether an object may be created in a later migration than its table: nothing is exposed in between. A restrictive policy is not among
/// them: until it exists, permissive policies let through what it forbids.
fn may_follow(id: &Id, catalog: &Catalog) -> bool {
    match id.kind() {
        Kind::ForeignKey | Kind::Check | Kind::Index | Kind::Trigger | Kind::Seed | Kind::Schedule => true,
        Kind::Policy => matches!(catalog.get(id), Some(Object::Policy(policy)) if policy.permissive),
        _ => false,
    }
}

fn too_early(id: &Id, needed: &Id, from: usize, to: usize, origins: &Origins, modules: &[Module]) -> Diagnostic {
    let name = |module: usize| modules.get(module).map_or("", |module| module.migration.as_str());
    let message = format!("{id} of migration {} needs {needed}, which migration {} creates", name(from), name(to));
    let Some(origin) = origins.get(id) else { return Diagnostic::global(&codes::NEEDS_LATER_MIGRATION, message) };
    let diagnostic = Diagnostic::error(&codes::NEEDS_LATER_MIGRATION, message, origin.span);
    let diagnostic = match origins.get(needed) {
        Some(needed) => diagnostic.label(needed.span, "declared in a later migration"),
        None => diagnostic,
    };
    diagnostic.help("declare what is needed in the same or an earlier module")
}

/// Every node after those that it needs; a cycle is told as a path. Without recursion, so that no spec is too deep.
fn topological(graph: &Graph<'_>, origins: &Origins, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut state = vec![State::New; graph.nodes.len()];
    let mut order = Vec::with_capacity(graph.nodes.len());
    let mut cyclic = false;
    for start in 0..graph.nodes.len() {
        let mut path: Vec<(usize, usize)> = Vec::new();
        if state[start] == State::New {
            state[start] = State::Open;
            path.push((start, 0));
        }
        while let Some((node, next)) = path.last_mut() {
            let Some(need) = graph.needs[*node].get(*next).copied() else {
                state[*node] = State::Done;
                order.push(*node);
                path.pop();
                continue;
            };
            *next += 1;
            match state[need] {
                State::Done => {}
                State::New => {
                    state[need] = State::Open;
                    path.push((need, 0));
                }
                State::Open => {
                    cyclic = true;
                    let from = path.iter().position(|(node, _)| *node == need).unwrap_or(0);
                    let cycle: Vec<&Id> = path[from..].iter().map(|(node, _)| graph.nodes[*node]).collect();
                    diagnostics.push(cycle_diagnostic(&cycle, origins));
                }
            }
        }
    }
    (!cyclic).then_some(order)
}

fn cycle_diagnostic(cycle: &[&Id], origins: &Origins) -> Diagnostic {
    let first = cycle.first().map(ToString::to_string).unwrap_or_default();
    let path = cycle.iter().map(ToString::to_string).chain([first]).collect::<Vec<_>>().join(" → ");
    let message = format!("objects need each other: {path}");
    let mut places = cycle.iter().filter_map(|id| Some((id, origins.get(*id)?.span)));
    let Some((_, span)) = places.next() else { return Diagnostic::global(&codes::DEPENDENCY_CYCLE, message) };
    let diagnostic = Diagnostic::error(&codes::DEPENDENCY_CYCLE, message, span);
    let diagnostic = places.fold(diagnostic, |diagnostic, (id, span)| diagnostic.label(span, format!("{id} is declared here")));
    diagnostic.help("each would have to exist before the other: move what they share into an object of its own")
}
