//! The functions of a system, read, and what is known of each by its name.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::builtin;
use super::conditions::{Judge, Names};
use super::effects::Action;
use super::graph::{self, Graph};
use super::own_rows;
use super::read;
use super::tokens::Tokens;
use super::totals;
use super::variables::{self, Variables};

/// The language of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Plpgsql,
    Sql,
}

impl Language {
    /// Of the name in CREATE FUNCTION.
    pub fn of(name: &str) -> Language {
        if name == "sql" { Language::Sql } else { Language::Plpgsql }
    }
}

/// A function to judge.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    pub schema: &'a str,
    pub name: &'a str,
    /// The names of its arguments and of the columns of its result.
    pub arguments: Vec<&'a str>,
    /// How many of these names, the first ones, are arguments that a caller gives.
    pub given: usize,
    pub language: Language,
    pub text: &'a str,
    /// It is declared to be an assertion: it returns only where its caller may go on.
    pub is_assertion: bool,
    pub is_strict: bool,
    pub returns_boolean: bool,
    /// Clients can call it, and it runs with rights that are not theirs.
    pub is_exposed: bool,
    /// It is trusted to say what belongs to who calls.
    pub is_context: bool,
}

/// What a write needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// An assertion in front of it.
    Assertion,
    /// An assertion, unless the rows are the caller's by the statement's own words: `where user_id = auth.uid()`.
    AssertionOrOwnRows,
}

/// One body, read.
pub(super) struct Body<'a> {
    pub(super) tokens: Tokens<'a>,
    pub(super) graph: Graph,
    pub(super) variables: Variables,
    /// What it calls, anywhere.
    pub(super) calls: BTreeSet<Vec<String>>,
}

/// Bodies by function; the error where one cannot be read.
pub(super) type Bodies<'a> = [Result<Body<'a>, crate::sql::Error>];

/// What is known of all functions.
pub(super) struct System<'s, 'a> {
    pub(super) subjects: &'s [Subject<'a>],
    /// By schema and name.
    by_name: FxHashMap<&'a str, FxHashMap<&'a str, Vec<usize>>>,
    by_bare_name: FxHashMap<&'a str, Vec<usize>>,
    pub(super) asks_who_calls: Vec<bool>,
    pub(super) asserts: Vec<bool>,
    /// Booleans that are never NULL.
    totals: Vec<bool>,
    demand: Demand,
}

pub(super) struct Known<'k, 's, 'a> {
    pub(super) system: &'k System<'s, 'a>,
    pub(super) variables: &'k Variables,
}

impl Names for Known<'_, '_, '_> {
    fn is_identity_variable(&self, name: &str) -> bool {
        self.variables.identities.contains(name)
    }
    fn is_decision_variable(&self, name: &str) -> bool {
        self.variables.decisions.contains(name)
    }
    fn is_own_variable(&self, name: &str) -> bool {
        self.variables.own.contains(name)
    }
    fn is_identity_function(&self, schema: &str, name: &str) -> bool {
        self.system.all(schema, name, |subject, asks| asks && !subject.returns_boolean)
    }
    fn is_decision_function(&self, schema: &str, name: &str) -> bool {
        self.system.all(schema, name, |subject, asks| asks && subject.returns_boolean)
    }
    fn is_total_function(&self, schema: &str, name: &str) -> bool {
        self.system.every(schema, name, &self.system.totals)
    }
    fn is_variable(&self, name: &str) -> bool {
        self.variables.all.contains(name)
    }
}

impl<'s, 'a> System<'s, 'a> {
    /// Nothing but names is known yet, and what is declared to be an assertion.
    pub(super) fn new(subjects: &'s [Subject<'a>], demand: Demand) -> System<'s, 'a> {
        let mut system = System {
            subjects,
            by_name: FxHashMap::default(),
            by_bare_name: FxHashMap::default(),
            asks_who_calls: vec![false; subjects.len()],
            asserts: subjects.iter().map(|subject| !subject.is_strict && subject.is_assertion).collect(),
            totals: Vec::new(),
            demand,
        };
        for (index, subject) in subjects.iter().enumerate() {
            system.by_name.entry(subject.schema).or_default().entry(subject.name).or_default().push(index);
            system.by_bare_name.entry(subject.name).or_default().push(index);
        }
        system
    }

    pub(super) fn find(&self, name: &[String]) -> &[usize] {
        let found = match name {
            [name] => self.by_bare_name.get(name.as_str()),
            [schema, name] => self.by_name.get(schema.as_str()).and_then(|names| names.get(name.as_str())),
            _ => None,
        };
        found.map(Vec::as_slice).unwrap_or_default()
    }

    fn all(&self, schema: &str, name: &str, test: impl Fn(&Subject<'_>, bool) -> bool) -> bool {
        let found = self.by_name.get(schema).and_then(|names| names.get(name)).map(Vec::as_slice).unwrap_or_default();
        !found.is_empty()
            && found.iter().all(|index| match (self.subjects.get(*index), self.asks_who_calls.get(*index)) {
                (Some(subject), Some(asks)) => test(subject, *asks),
                _ => false,
            })
    }

    /// Whether every function of this name asserts.
    pub(super) fn is_assertion(&self, name: &[String]) -> bool {
        let found = self.find(name);
        !found.is_empty() && found.iter().all(|index| self.asserts.get(*index).copied().unwrap_or_default())
    }

    /// Whether a function that is not among those that are known is known to do nothing.
    pub(super) fn is_harmless_stranger(&self, name: &[String]) -> bool {
        match name {
            [name] => builtin::is_harmless("extensions", name),
            [schema, name] => builtin::is_harmless(schema, name),
            _ => false,
        }
    }

    /// Whether a write needs an assertion.
    pub(super) fn demands(&self, judge: &Judge<'_, '_>, bytes: &Range<usize>, what: &str) -> bool {
        self.demand == Demand::Assertion || !own_rows::is_harmless(judge, bytes, what)
    }

    /// Whether every function of this name has a property.
    fn every(&self, schema: &str, name: &str, having: &[bool]) -> bool {
        let found = self.by_name.get(schema).and_then(|names| names.get(name)).map(Vec::as_slice).unwrap_or_default();
        !found.is_empty() && found.iter().all(|index| having.get(*index) == Some(&true))
    }

    /// Finds the functions whose answer is never NULL.
    pub(super) fn settle_totals(&mut self, bodies: &Bodies<'_>) {
        let total = |(subject, body): (&Subject<'_>, &Result<Body<'_>, crate::sql::Error>)| {
            body.as_ref().is_ok_and(|body| totals::is_total(subject, &body.tokens))
        };
        self.totals = self.subjects.iter().zip(bodies).map(total).collect();
    }
}

pub(super) fn body<'a>(subject: &Subject<'a>) -> Result<Body<'a>, crate::sql::Error> {
    let tokens = Tokens::new(subject.text)?;
    let block = match subject.language {
        Language::Plpgsql => read::plpgsql(&tokens)?,
        Language::Sql => read::sql(&tokens)?,
    };
    let mut variables = Variables::default();
    variables.all.extend(subject.arguments.iter().map(|name| (*name).to_owned()));
    variables::collect(&block, &tokens, &mut variables);
    let graph = graph::build(&tokens, &block);
    let actions = graph.nodes.iter().flat_map(|node| &node.actions);
    let calls = actions.filter_map(|action| if let Action::Call { name, .. } = action { Some(name.clone()) } else { None }).collect();
    Ok(Body { tokens, graph, variables, calls })
}

impl Body<'_> {
    pub(super) fn judge<'j>(&'j self, names: &'j Known<'_, '_, '_>) -> Judge<'j, 'j> {
        Judge { tokens: &self.tokens, names }
    }
}

/// By function, those that call it.
pub(super) fn callers(system: &System<'_, '_>, bodies: &Bodies<'_>) -> Vec<Vec<usize>> {
    let mut callers = vec![Vec::new(); bodies.len()];
    for (caller, body) in bodies.iter().enumerate() {
        let Ok(body) = body else { continue };
        for callee in body.calls.iter().flat_map(|name| system.find(name)) {
            if let Some(callers) = callers.get_mut(*callee) {
                callers.push(caller);
            }
        }
    }
    callers
}

/// Carries a property from functions to those that call them; `take` is given the callee and the caller.
pub(super) fn spread(start: Vec<usize>, callers: &[Vec<usize>], take: &mut dyn FnMut(usize, usize) -> bool) {
    let mut pending = VecDeque::from(start);
    while let Some(at) = pending.pop_front() {
        for caller in callers.get(at).into_iter().flatten() {
            if take(at, *caller) {
                pending.push_back(*caller);
            }
        }
    }
}

pub(super) fn who_asks(system: &mut System<'_, '_>, bodies: &Bodies<'_>, callers: &[Vec<usize>]) {
    let mut asks = vec![false; bodies.len()];
    for (index, body) in bodies.iter().enumerate() {
        let Ok(body) = body else { continue };
        let platform = body.calls.iter().any(|name| matches!(name.as_slice(), [schema, name] if builtin::is_identity(schema, name)));
        let setting = (0..body.tokens.len())
            .any(|at| body.tokens.text(at).starts_with("'request.") && body.tokens.is(at.saturating_sub(2), &["current_setting"]));
        if let Some(asks) = asks.get_mut(index).filter(|_| platform || setting) {
            *asks = true;
        }
    }
    let start = (0..asks.len()).filter(|index| asks.get(*index) == Some(&true)).collect();
    spread(start, callers, &mut |_, caller| asks.get_mut(caller).is_some_and(|asks| !std::mem::replace(asks, true)));
    system.asks_who_calls = asks;
}
