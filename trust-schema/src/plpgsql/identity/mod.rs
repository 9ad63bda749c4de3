//! Identities that callers supply. A function that clients call and that runs with the rights of its owner must not take the caller's word for
//! the tenant or user whose rows it reads or writes: the argument has to be compared with the context on every way to where it is used.
//!
//! What counts as compared is a must-analysis over the control-flow graph ([`flow`]), by what conditions demand ([`gains`]), and by what the
//! called functions have compared when they return. Where a body tells kinds of callers apart by a constant (`auth.role() = 'service_role'`),
//! one of them may be trusted with any identity, and the other ones are looked at.

mod columns;
mod compared;
mod context;
mod flow;
mod gains;
pub(super) mod regions;
mod summary;
mod taint;
mod uses;

use std::collections::BTreeSet;
use std::ops::Range;

use super::facts::Facts;
use super::graph::END;
use super::system::{Bodies, Body, Known, System};
use crate::parallel;
pub use columns::Identities;
pub(super) use context::returned_of_others;

use columns::Columns;
use compared::Compared;
use flow::{Flow, Removed, Side};
use summary::{Choice, Item, Key, Summaries, Summary, What};
use uses::{Place, Use};

/// A use of an argument whose word is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchecked {
    /// Where the value is used, or given to a function that uses it.
    pub bytes: Range<usize>,
    pub argument: String,
    /// `it chooses rows by` …
    pub what: String,
    /// Down the calls to where it is used: the function, by its number, and the place in its body.
    pub calls: Vec<(usize, Range<usize>)>,
}

/// How many conditions on the kind of the caller are tried both ways; each doubles the work. Bodies with more trust nobody.
const KINDS_AT_MOST: usize = 3;

/// What every function has compared, by the numbers of its arguments.
#[derive(Default)]
struct Checks {
    /// When it returns.
    returned: Vec<BTreeSet<usize>>,
    /// When it returns true.
    returned_true: Vec<BTreeSet<usize>>,
}

/// What is asked of one run over a body.
type Ask<'q, 'a> = dyn Fn(&Flow<'_, '_, 'a>, &[Option<Compared>]) -> BTreeSet<usize> + 'q;

struct Analysis<'c, 's, 'a> {
    system: &'c System<'s, 'a>,
    bodies: &'c Bodies<'a>,
    facts: &'c [&'c [Option<Facts>]],
    columns: Columns,
    checks: Checks,
}

/// How many functions a thread looks at at a time.
const PIECE: usize = 64;

/// Looks at every function that is exposed; by function.
pub(super) fn check(
    system: &System<'_, '_>,
    bodies: &Bodies<'_>,
    facts: &[&[Option<Facts>]],
    identities: &Identities,
    callers: &[Vec<usize>],
) -> Vec<Vec<Unchecked>> {
    let mut unchecked = vec![Vec::new(); bodies.len()];
    let exposed: Vec<usize> = (0..bodies.len()).filter(|index| system.subjects.get(*index).is_some_and(|subject| subject.is_exposed)).collect();
    if exposed.is_empty() {
        return unchecked;
    }
    let columns = identities.settle(system);
    let mut analysis = Analysis { system, bodies, facts, columns, checks: Checks::default() };
    analysis.settle_checks(callers);
    let summaries = analysis.summaries(&exposed);
    for (index, found) in exposed.into_iter().zip(summaries.solve()) {
        if let Some(unchecked) = unchecked.get_mut(index) {
            *unchecked = found;
        }
    }
    unchecked
}

impl<'a> Analysis<'_, '_, 'a> {
    /// What functions have compared when they return, up to a fixed point: one that calls another may have what that one has. In rounds, so that
    /// the result does not depend on the number of threads.
    fn settle_checks(&mut self, callers: &[Vec<usize>]) {
        self.checks.returned = vec![BTreeSet::new(); self.bodies.len()];
        self.checks.returned_true = self.checks.returned.clone();
        let takes =
            |system: &System<'_, '_>, index: &usize| system.subjects.get(*index).is_some_and(|subject| subject.given > 0 && !subject.is_strict);
        let mut pending: Vec<usize> = (0..self.bodies.len()).filter(|index| takes(self.system, index)).collect();
        while !pending.is_empty() {
            let pieces: Vec<&[usize]> = pending.chunks(PIECE).collect();
            let found = parallel::map(&pieces, |_, piece| piece.iter().filter_map(|index| self.checks_of(*index)).collect::<Vec<_>>());
            let mut next = BTreeSet::new();
            for (index, returned, returned_true) in found.into_iter().flatten() {
                // The largest one over all choices may lose what it had: it only grows, so that this ends where functions call each other.
                let set = |list: &mut Vec<BTreeSet<usize>>, new: BTreeSet<usize>| match list.get_mut(index) {
                    Some(known) if new.len() > known.len() && new.is_superset(known) => {
                        *known = new;
                        true
                    }
                    _ => false,
                };
                let changed = set(&mut self.checks.returned, returned);
                if set(&mut self.checks.returned_true, returned_true) || changed {
                    next.extend(callers.get(index).into_iter().flatten().copied().filter(|caller| takes(self.system, caller)));
                }
            }
            pending = next.into_iter().collect();
        }
    }

    /// What a function has compared when it returns, and when it returns true; with its number.
    fn checks_of(&self, index: usize) -> Option<(usize, BTreeSet<usize>, BTreeSet<usize>)> {
        let Some(Ok(body)) = self.bodies.get(index) else { return None };
        let best = |test: &Ask<'_, 'a>| {
            let mut best = BTreeSet::new();
            self.each_trust(index, body, 0, &mut |flow, known| {
                let found = test(flow, known);
                if found.len() > best.len() {
                    best = found;
                }
                false
            });
            best
        };
        let returned = best(&|flow, known| match known.get(END) {
            Some(Some(at_end)) => flow.arguments_in(&at_end.expressions),
            // It returns to nobody but those who are trusted; a function that never returns compares nothing.
            _ => BTreeSet::new(),
        });
        let is_boolean = self.system.subjects.get(index).is_some_and(|subject| subject.returns_boolean);
        let returned_true = if is_boolean { best(&|flow, known| flow.arguments_if_true(known)) } else { BTreeSet::new() };
        Some((index, returned, returned_true))
    }

    /// Tries the body with nobody trusted, then with each choice of kinds of callers that are, until `take` says that it is enough.
    fn each_trust(&self, index: usize, body: &Body<'a>, compared: u64, take: &mut dyn FnMut(&Flow<'_, '_, 'a>, &[Option<Compared>]) -> bool) {
        let known = Known { system: self.system, variables: &body.variables };
        let facts = self.facts.get(index).copied().unwrap_or_default();
        let Some(subject) = self.system.subjects.get(index) else { return };
        let flow = Flow::new(self.system, &self.checks, subject, body, body.judge(&known), facts);
        if take(&flow, &flow.run(compared, &Removed::default())) {
            return;
        }
        let kinds = flow.kinds(self.columns.trusted());
        if kinds.is_empty() || kinds.len() > KINDS_AT_MOST {
            return;
        }
        for choice in 0..1_usize << kinds.len() {
            let chosen = kinds.iter().enumerate().map(|(place, kind)| (kind, choice >> place & 1 == 1));
            if chosen.clone().any(|(kind, side)| kind.side == Side::Only(!side)) {
                continue;
            }
            let removed: Removed = chosen.flat_map(|(kind, side)| kind.nodes.iter().map(move |node| (*node, side))).collect();
            if take(&flow, &flow.run(compared, &removed)) {
                return;
            }
        }
    }

    /// What these functions use, and whatever they call, directly or not.
    fn summaries(&self, exposed: &[usize]) -> Summaries {
        let mut summaries = Summaries::default();
        let mut pending: Vec<Key> = exposed.iter().map(|index| (*index, 0)).collect();
        pending.retain(|key| summaries.is_new(*key));
        while !pending.is_empty() {
            let pieces: Vec<&[Key]> = pending.chunks(PIECE).collect();
            let found = parallel::map(&pieces, |_, piece| piece.iter().map(|key| self.summary(*key)).collect::<Vec<_>>());
            let mut next = Vec::new();
            for summary in found.into_iter().flatten() {
                next.extend(summary.calls().filter(|key| summaries.is_new(*key)));
                summaries.push(summary);
            }
            pending = next;
        }
        summaries
    }

    fn summary(&self, (index, compared): Key) -> Summary {
        let mut summary = Summary::default();
        let Some(Ok(body)) = self.bodies.get(index) else { return summary };
        self.each_trust(index, body, compared, &mut |flow, known| {
            let choice = self.choice(flow, known);
            let is_clean = choice.items.is_empty();
            summary.choices.push(choice);
            is_clean
        });
        summary
    }

    fn choice(&self, flow: &Flow<'_, '_, 'a>, known: &[Option<Compared>]) -> Choice {
        let mut choice = Choice::default();
        for (node, known) in flow.body.graph.nodes.iter().zip(known) {
            let Some(known) = known.as_ref().filter(|_| !node.bytes.is_empty()) else { continue };
            let part = flow.body.tokens.part(&node.bytes);
            for one in uses::uses(flow, &part, &self.columns) {
                choice.uses += 1;
                choice.items.extend(self.item(flow, &one, known));
            }
        }
        choice
    }

    fn item(&self, flow: &Flow<'_, '_, 'a>, one: &Use, known: &Compared) -> Option<Item> {
        let is_clean = flow.is_clean(&one.expression, known);
        let what = match &one.place {
            Place::Predicate { .. } if flow.is_clean_predicate(one, known) => return None,
            Place::Predicate { column } => What::Here(format!("it chooses rows by `{column}`")),
            _ if is_clean => return None,
            Place::Value { column } => What::Here(format!("it is written to `{column}`")),
            Place::Dynamic => What::Here("it goes into SQL put together at run time".to_owned()),
            Place::Argument { functions, number, arguments } => {
                // Whatever else is given to it and needs no check counts as checked there.
                let mask = (0_u32..64).zip(arguments).filter(|(_, argument)| !flow.is_tainted(argument) || flow.is_clean(argument, known));
                let mask = mask.fold(0_u64, |mask, (place, _)| mask | 1 << place);
                // What clients can call themselves is told there.
                let subjects = functions.iter().filter_map(|function| Some((*function, self.system.subjects.get(*function)?)));
                let inner = subjects.filter(|(_, subject)| !subject.is_exposed);
                let callees: Vec<_> =
                    inner.filter_map(|(function, subject)| Some(((function, mask), subject.arguments.get(*number)?.to_string()))).collect();
                if callees.is_empty() {
                    return None;
                }
                What::Call(callees)
            }
        };
        let argument = flow.taint.first_argument(&flow.body.tokens, &one.expression)?;
        Some(Item { bytes: flow.body.tokens.bytes(&one.expression), argument, what })
    }
}
