//! The verdict on every function of a system: which of its writes somebody asserted before, through its calls too.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use super::effects::Action;
use super::facts::Facts;
use super::graph::{END, Edge, Way};
use super::identity::{self, Identities, Unchecked};
use super::paths;
use super::system::{self, Bodies, Body, Demand, Known, Subject, System, callers, spread};
use crate::parallel;
use crate::sql::identifier::fold;

/// How many writes of one body get a way: each is looked for on its own.
const REFUTED_AT_MOST: usize = 16;

/// What is found of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub verdict: Verdict,
    /// How many places of the body change something, or call what does.
    pub writes: usize,
    /// Arguments whose word is taken for who the caller is; looked for where clients can call the function.
    pub unchecked: Vec<Unchecked>,
    /// Where a function that is trusted to return what is the caller's returns something else.
    pub of_others: Vec<Range<usize>>,
}

/// Whether an assertion stands in front of every write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It writes nothing.
    NoWrite,
    Proved,
    /// Writes that are reached without an assertion; not all of them where there are very many.
    Refuted(Vec<Refutation>),
    /// What is not understood, and where.
    NotAnalysable {
        bytes: Range<usize>,
        reason: String,
    },
}

/// A write without an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refutation {
    pub bytes: Range<usize>,
    /// `insert`, or `call of app.f`.
    pub what: String,
    /// The functions of the call, by their number; the call is the write.
    pub callees: Vec<usize>,
    /// The way to it.
    pub path: Vec<Step>,
    /// The function can return afterwards, so that the write stays. Otherwise an assertion follows, and takes back what a transaction takes back.
    pub escapes: bool,
    /// A condition that would keep everybody out, were it not for NULL.
    pub passes_null: Option<Range<usize>>,
}

/// A step of a way, where there was a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub bytes: Range<usize>,
    pub what: &'static str,
}

/// Judges all functions of a system, which call each other. Linear in their length, but for nested blocks with handlers.
pub fn analyse(subjects: &[Subject<'_>], identities: &Identities) -> Vec<Report> {
    analyse_for(subjects, identities, Demand::Assertion)
}

/// As [`analyse`], for what writes need here.
pub fn analyse_for(subjects: &[Subject<'_>], identities: &Identities, demand: Demand) -> Vec<Report> {
    let mut system = System::new(subjects, demand);
    let mut bodies: Vec<_> = parallel::map(subjects, |_, subject| system::body(subject));
    system.settle_totals(&bodies);
    let callers = callers(&system, &bodies);
    system::who_asks(&mut system, &bodies, &callers);
    for body in bodies.iter_mut().flatten() {
        body.variables.settle(&body.tokens, &system);
    }
    who_asserts(&mut system, &bodies, &callers);
    let pairs: Vec<_> = subjects.iter().zip(&bodies).collect();
    let ways = parallel::map(&pairs, |_, (subject, body)| ways(&system, subject, body));
    let leaks = who_leaks(&system, &ways, &callers);
    let writers = who_writes(&system, &bodies, &callers);
    let facts: Vec<&[Option<Facts>]> = ways.iter().map(|ways| ways.facts.as_slice()).collect();
    let unchecked = identity::check(&system, &bodies, &facts, identities, &callers);
    let of_others = identity::returned_of_others(&system, &bodies, &facts);
    let judged = bodies.iter().zip(&ways).zip(unchecked).zip(of_others);
    judged.map(|(((body, ways), unchecked), of_others)| Report { of_others, ..report(&system, body, ways, &leaks, &writers, unchecked) }).collect()
}

/// A function that cannot return without an assertion is an assertion to whoever calls it.
fn who_asserts(system: &mut System<'_, '_>, bodies: &Bodies<'_>, callers: &[Vec<usize>]) {
    let mut pending: VecDeque<usize> = (0..bodies.len()).collect();
    while let Some(index) = pending.pop_front() {
        if system.asserts.get(index) != Some(&false) {
            continue;
        }
        let (Some(subject), Some(Ok(body))) = (system.subjects.get(index), bodies.get(index)) else { continue };
        if subject.is_strict || ways_of(system, subject, body).before.contains_key(&END) {
            continue;
        }
        if let Some(asserts) = system.asserts.get_mut(index) {
            *asserts = true;
        }
        pending.extend(callers.get(index).into_iter().flatten());
    }
}

/// Where a body gets to without an assertion.
#[derive(Default)]
struct Ways {
    before: std::collections::HashMap<usize, usize>,
    facts: Vec<Option<Facts>>,
    /// It writes at one of these places.
    writes: bool,
    /// What it calls at one of these places.
    calls: BTreeSet<Vec<String>>,
}

fn ways(system: &System<'_, '_>, subject: &Subject<'_>, body: &Result<Body<'_>, crate::sql::Error>) -> Ways {
    match body {
        Ok(body) => ways_of(system, subject, body),
        // Whatever is in it.
        Err(_) => Ways { writes: true, ..Ways::default() },
    }
}

fn ways_of(system: &System<'_, '_>, subject: &Subject<'_>, body: &Body<'_>) -> Ways {
    let known = Known { system, variables: &body.variables };
    let judge = body.judge(&known);
    let mut start = Facts::default();
    if subject.is_strict {
        start.not_null.extend(subject.arguments.iter().map(|name| format!("{} ", fold(name))));
    }
    let facts = paths::facts(&body.graph, &judge, start);
    let before =
        paths::unasserted(&body.graph, &|at, edge| paths::is_assertion(edge, at, &body.graph, &facts, &judge, &|name| system.is_assertion(name)));
    let mut ways = Ways { before, facts, ..Ways::default() };
    for action in body.graph.nodes.iter().enumerate().filter(|(at, _)| ways.before.contains_key(at)).flat_map(|(_, node)| &node.actions) {
        match action {
            Action::Write { bytes, what } => ways.writes |= system.demands(&judge, bytes, what),
            Action::Call { name, .. } => {
                ways.writes |= system.find(name).is_empty() && !system.is_harmless_stranger(name);
                ways.calls.insert(name.clone());
            }
        }
    }
    ways
}

/// The functions that a caller can have write without an assertion.
fn who_leaks(system: &System<'_, '_>, ways: &[Ways], callers: &[Vec<usize>]) -> Vec<bool> {
    let mut leaks: Vec<bool> = ways.iter().map(|ways| ways.writes).collect();
    let start = (0..leaks.len()).filter(|index| leaks.get(*index) == Some(&true)).collect();
    spread(start, callers, &mut |at, caller| {
        let reaches = ways.get(caller).is_some_and(|ways| ways.calls.iter().any(|name| system.find(name).contains(&at)));
        reaches && leaks.get_mut(caller).is_some_and(|leaks| !std::mem::replace(leaks, true))
    });
    leaks
}

/// The functions that write at all, asserted or not.
fn who_writes(system: &System<'_, '_>, bodies: &Bodies<'_>, callers: &[Vec<usize>]) -> Vec<bool> {
    let writes_itself = |body: &Body<'_>| {
        body.graph.nodes.iter().flat_map(|node| &node.actions).any(|action| match action {
            Action::Write { .. } => true,
            Action::Call { name, .. } => system.find(name).is_empty() && !system.is_harmless_stranger(name),
        })
    };
    let mut writers: Vec<bool> = bodies.iter().map(|body| body.as_ref().map_or(true, writes_itself)).collect();
    let start = (0..writers.len()).filter(|index| writers.get(*index) == Some(&true)).collect();
    spread(start, callers, &mut |_, caller| writers.get_mut(caller).is_some_and(|writes| !std::mem::replace(writes, true)));
    writers
}

fn report(
    system: &System<'_, '_>,
    body: &Result<Body<'_>, crate::sql::Error>,
    ways: &Ways,
    leaks: &[bool],
    writers: &[bool],
    unchecked: Vec<Unchecked>,
) -> Report {
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            let verdict = Verdict::NotAnalysable { bytes: error.range.clone(), reason: error.message.clone() };
            return Report { verdict, writes: 0, unchecked, of_others: Vec::new() };
        }
    };
    let is = |list: &[bool], name: &[String]| {
        let found = system.find(name);
        found.iter().any(|index| list.get(*index) == Some(&true)) || found.is_empty() && !system.is_harmless_stranger(name)
    };
    let known = Known { system, variables: &body.variables };
    let judge = body.judge(&known);
    let mut writes = 0;
    let mut refutations = Vec::new();
    for (at, node) in body.graph.nodes.iter().enumerate() {
        for action in &node.actions {
            let (bytes, what, callees) = match action {
                Action::Write { bytes, what } => (bytes, what.clone(), Vec::new()),
                Action::Call { bytes, name } => (bytes, format!("call of `{}`", name.join(".")), system.find(name).to_vec()),
            };
            let (writes_here, leaks_here) = match action {
                Action::Write { bytes, what } => (true, ways.before.contains_key(&at) && system.demands(&judge, bytes, what)),
                Action::Call { name, .. } => (is(writers, name), is(leaks, name)),
            };
            writes += usize::from(writes_here);
            if leaks_here && refutations.len() < REFUTED_AT_MOST && ways.before.contains_key(&at) {
                refutations.push(refute(system, body, ways, at, bytes.clone(), what, callees));
            }
        }
    }
    refutations.sort_by_key(|refutation| refutation.bytes.start);
    let verdict = match (refutations.is_empty(), writes) {
        (false, _) => Verdict::Refuted(refutations),
        (true, 0) => Verdict::NoWrite,
        (true, _) => Verdict::Proved,
    };
    Report { verdict, writes, unchecked, of_others: Vec::new() }
}

fn refute(system: &System<'_, '_>, body: &Body<'_>, ways: &Ways, at: usize, bytes: Range<usize>, what: String, callees: Vec<usize>) -> Refutation {
    let known = Known { system, variables: &body.variables };
    let judge = body.judge(&known);
    let is_assertion = |at: usize, edge: &Edge| paths::is_assertion(edge, at, &body.graph, &ways.facts, &judge, &|name| system.is_assertion(name));
    let nodes = paths::path(&ways.before, at);
    let mut path = Vec::new();
    let mut passes_null = None;
    for pair in nodes.windows(2) {
        let [from, to] = pair else { continue };
        let Some(node) = body.graph.nodes.get(*from) else { continue };
        let Some(edge) = node.edges.iter().find(|edge| edge.to == *to && !is_assertion(*from, edge)) else { continue };
        let what = match edge.way {
            Way::When(true) => "true",
            Way::When(false) => "false or NULL",
            Way::Loop(false) => "not even once",
            Way::Loop(true) => "entered",
            Way::Raised if node.hub.is_some() => "caught here",
            Way::Raised => "raises an exception",
            Way::Done | Way::Returned(_) => continue,
        };
        let place = if node.hub.is_some() { body.graph.nodes.get(*to).map_or(0..0, |to| to.bytes.clone()) } else { node.bytes.clone() };
        if place.is_empty() {
            continue;
        }
        if let (Way::When(false), Some(condition), Some(Some(facts))) = (&edge.way, &node.condition, ways.facts.get(*from))
            && judge.fails_at_null(condition, facts)
        {
            passes_null.get_or_insert(place.clone());
        }
        path.push(Step { bytes: place, what });
    }
    Refutation { bytes, what, callees, path, escapes: paths::escapes(&body.graph, at, &is_assertion), passes_null }
}
