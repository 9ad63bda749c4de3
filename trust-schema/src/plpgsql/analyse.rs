//! The verdict on every function of a system: which of its writes somebody asserted before, through its calls too.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::builtin;
use super::conditions::{Judge, Names};
use super::effects::Action;
use super::facts::Facts;
use super::graph::{self, END, Edge, Graph, Way};
use super::logic;
use super::own_rows;
use super::paths;
use super::read;
use super::syntax::{Block, Kind, Part, Statement};
use super::tokens::Tokens;
use super::totals;
use crate::sql::identifier::fold;
use crate::sql::lexer::TokenKind;

/// How many writes of one body get a way: each is looked for on its own.
const REFUTED_AT_MOST: usize = 16;

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
    pub language: Language,
    pub text: &'a str,
    /// An assertion stands in front of the body.
    pub is_guarded: bool,
    /// It is declared to be an assertion: it returns only where its caller may go on.
    pub is_assertion: bool,
    pub is_strict: bool,
    pub returns_boolean: bool,
}

/// What a write needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// An assertion in front of it.
    Assertion,
    /// An assertion, unless the rows are the caller's by the statement's own words: `where user_id = auth.uid()`.
    AssertionOrOwnRows,
}

/// What is found of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub verdict: Verdict,
    /// How many places of the body change something, or call what does.
    pub writes: usize,
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

/// One body, read.
struct Body<'a> {
    tokens: Tokens<'a>,
    graph: Graph,
    variables: Variables,
    /// What it calls, anywhere.
    calls: BTreeSet<Vec<String>>,
}

#[derive(Default)]
struct Variables {
    all: BTreeSet<String>,
    /// By variable, the values that it gets; none for a value that is not an expression.
    values: BTreeMap<String, Vec<Option<Part>>>,
    identities: BTreeSet<String>,
    decisions: BTreeSet<String>,
    /// They hold what stands in rows of the caller.
    own: BTreeSet<String>,
}

/// What is known of all functions.
struct System<'s, 'a> {
    subjects: &'s [Subject<'a>],
    /// By schema and name.
    by_name: FxHashMap<&'a str, FxHashMap<&'a str, Vec<usize>>>,
    by_bare_name: FxHashMap<&'a str, Vec<usize>>,
    asks_who_calls: Vec<bool>,
    asserts: Vec<bool>,
    /// Booleans that are never NULL.
    totals: Vec<bool>,
    demand: Demand,
}

struct Known<'k, 's, 'a> {
    system: &'k System<'s, 'a>,
    variables: &'k Variables,
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

impl System<'_, '_> {
    fn find(&self, name: &[String]) -> &[usize] {
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
    fn is_assertion(&self, name: &[String]) -> bool {
        let found = self.find(name);
        !found.is_empty() && found.iter().all(|index| self.asserts.get(*index).copied().unwrap_or_default())
    }

    /// Whether every function of this name has a property.
    fn every(&self, schema: &str, name: &str, having: &[bool]) -> bool {
        let found = self.by_name.get(schema).and_then(|names| names.get(name)).map(Vec::as_slice).unwrap_or_default();
        !found.is_empty() && found.iter().all(|index| having.get(*index) == Some(&true))
    }

    /// Whether a function that is not among those that are known is known to do nothing.
    fn is_harmless_stranger(&self, name: &[String]) -> bool {
        match name {
            [name] => builtin::is_harmless("extensions", name),
            [schema, name] => builtin::is_harmless(schema, name),
            _ => false,
        }
    }

    /// Whether a write needs an assertion.
    fn demands(&self, judge: &Judge<'_, '_>, bytes: &Range<usize>, what: &str) -> bool {
        self.demand == Demand::Assertion || !own_rows::is_harmless(judge, bytes, what)
    }
}

/// Judges all functions of a system, which call each other. Linear in their length, but for nested blocks with handlers.
pub fn analyse(subjects: &[Subject<'_>]) -> Vec<Report> {
    analyse_for(subjects, Demand::Assertion)
}

/// As [`analyse`], for what writes need here.
pub fn analyse_for(subjects: &[Subject<'_>], demand: Demand) -> Vec<Report> {
    let mut system = System {
        subjects,
        by_name: FxHashMap::default(),
        by_bare_name: FxHashMap::default(),
        asks_who_calls: vec![false; subjects.len()],
        asserts: subjects.iter().map(|subject| !subject.is_strict && (subject.is_assertion || subject.is_guarded)).collect(),
        totals: Vec::new(),
        demand,
    };
    for (index, subject) in subjects.iter().enumerate() {
        system.by_name.entry(subject.schema).or_default().entry(subject.name).or_default().push(index);
        system.by_bare_name.entry(subject.name).or_default().push(index);
    }
    let mut bodies: Vec<Result<Body<'_>, crate::sql::Error>> = subjects.iter().map(body).collect();
    system.totals =
        subjects.iter().zip(&bodies).map(|(subject, body)| body.as_ref().is_ok_and(|body| totals::is_total(subject, &body.tokens))).collect();
    let callers = callers(&system, &bodies);
    who_asks(&mut system, &bodies, &callers);
    for body in bodies.iter_mut().flatten() {
        body.settle_variables(&system);
    }
    who_asserts(&mut system, &bodies, &callers);
    let ways: Vec<Ways> = subjects.iter().zip(&bodies).map(|(subject, body)| ways(&system, subject, body)).collect();
    let leaks = who_leaks(&system, &ways, &callers);
    let writers = who_writes(&system, &bodies, &callers);
    let judged = subjects.iter().zip(&bodies).zip(&ways);
    judged.map(|((subject, body), ways)| report(&system, subject, body, ways, &leaks, &writers)).collect()
}

fn body<'a>(subject: &Subject<'a>) -> Result<Body<'a>, crate::sql::Error> {
    let tokens = Tokens::new(subject.text)?;
    let block = match subject.language {
        Language::Plpgsql => read::plpgsql(&tokens)?,
        Language::Sql => read::sql(&tokens)?,
    };
    let mut variables = Variables::default();
    variables.all.extend(subject.arguments.iter().map(|name| (*name).to_owned()));
    collect(&block, &tokens, &mut variables);
    let graph = graph::build(&tokens, &block);
    let actions = graph.nodes.iter().flat_map(|node| &node.actions);
    let calls = actions.filter_map(|action| if let Action::Call { name, .. } = action { Some(name.clone()) } else { None }).collect();
    Ok(Body { tokens, graph, variables, calls })
}

/// The names of all variables of a body, whichever block they belong to.
pub(super) fn variables(block: &Block, tokens: &Tokens<'_>) -> BTreeSet<String> {
    let mut variables = Variables::default();
    collect(block, tokens, &mut variables);
    variables.all
}

/// Every variable with the values that it gets.
fn collect(block: &Block, tokens: &Tokens<'_>, variables: &mut Variables) {
    for declaration in &block.declarations {
        // A second variable of the same name hides the first: neither is known then.
        if !variables.all.insert(declaration.name.clone()) {
            variables.values.entry(declaration.name.clone()).or_default().push(None);
        }
        if declaration.is_cursor {
            let is_parameter = |at: &usize| tokens.follows_kind(*at, TokenKind::LeftParenthesis) || tokens.follows_kind(*at, TokenKind::Comma);
            variables.all.extend(declaration.data_type.clone().filter(is_parameter).filter_map(|at| tokens.name(at)));
        }
        if let Some(initial) = declaration.initial.clone() {
            variables.values.entry(declaration.name.clone()).or_default().push(Some(initial));
        }
        if tokens.is(declaration.data_type.start, &["alias"]) {
            variables.values.entry(declaration.name.clone()).or_default().push(None);
        }
    }
    block.statements.iter().for_each(|statement| collect_statement(statement, tokens, variables));
    block.handlers.iter().flat_map(|handler| &handler.statements).for_each(|statement| collect_statement(statement, tokens, variables));
}

fn collect_statement(statement: &Statement, tokens: &Tokens<'_>, variables: &mut Variables) {
    let mut set = |name: &String, value: Option<Part>| variables.values.entry(name.clone()).or_default().push(value);
    match &statement.kind {
        Kind::Block(block) => collect(block, tokens, variables),
        Kind::Assign { target, value, .. } => set(target, Some(value.clone())),
        Kind::Sql { verb, into, all } => {
            let query = Some(all.clone()).filter(|_| verb == "select" && into.len() == 1);
            into.iter().for_each(|name| set(name, query.clone()));
        }
        Kind::Execute { into, .. } | Kind::Cursor { into, .. } => into.iter().for_each(|name| set(name, None)),
        Kind::If { branches, otherwise } => {
            branches.iter().flat_map(|branch| &branch.statements).for_each(|inner| collect_statement(inner, tokens, variables));
            otherwise.iter().for_each(|inner| collect_statement(inner, tokens, variables));
        }
        Kind::Case { branches, otherwise, .. } => {
            branches.iter().flat_map(|branch| &branch.statements).for_each(|inner| collect_statement(inner, tokens, variables));
            otherwise.iter().flatten().for_each(|inner| collect_statement(inner, tokens, variables));
        }
        Kind::Loop { header, statements, .. } => {
            if let super::syntax::Header::Each { targets, .. } = header {
                targets.iter().for_each(|name| set(name, None));
                variables.all.extend(targets.iter().cloned());
            }
            statements.iter().for_each(|inner| collect_statement(inner, tokens, variables));
        }
        _ => {}
    }
}

impl Body<'_> {
    fn judge<'j>(&'j self, names: &'j Known<'_, '_, '_>) -> Judge<'j, 'j> {
        Judge { tokens: &self.tokens, names }
    }

    /// Variables that hold nothing but who calls, or a decision over that. A variable without a value holds NULL.
    fn settle_variables(&mut self, system: &System<'_, '_>) {
        let (mut identities, mut decisions, mut own) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        {
            let nothing = Variables { all: self.variables.all.clone(), ..Variables::default() };
            let known = Known { system, variables: &nothing };
            let judge = self.judge(&known);
            for (name, values) in &self.variables.values {
                let every = |test: &dyn Fn(&Part) -> bool| values.iter().all(|value| value.as_ref().is_some_and(test));
                let is_chosen = |part: &Part| part.clone().any(|at| self.tokens.name(at).is_some_and(|name| self.variables.all.contains(&name)));
                if every(&|part| {
                    judge.mentions_identity(part) && !is_chosen(part) && !part.clone().any(|at| self.tokens.is(at, &["from", "coalesce", "case"]))
                }) {
                    identities.insert(name.clone());
                }
                if every(&|part| {
                    judge.decides(part, &Facts::default()) || exists(&self.tokens, part).is_some_and(|query| judge.is_row_of_caller(&query))
                }) {
                    decisions.insert(name.clone());
                }
            }
        }
        {
            let known = Variables { all: self.variables.all.clone(), identities: identities.clone(), ..Variables::default() };
            let known = Known { system, variables: &known };
            let judge = self.judge(&known);
            let is_own = |value: &Option<Part>| value.as_ref().is_some_and(|part| judge.is_row_of_caller(&logic::stripped(&self.tokens, part)));
            own.extend(self.variables.values.iter().filter(|(_, values)| values.iter().all(is_own)).map(|(name, _)| name.clone()));
        }
        self.variables.identities = identities;
        self.variables.decisions = decisions;
        self.variables.own = own;
    }
}

/// What stands in the parentheses of `exists (…)`, also behind SELECT.
pub(super) fn exists(tokens: &Tokens<'_>, part: &Part) -> Option<Part> {
    let start = part.start + usize::from(tokens.is(part.start, &["select"]));
    let is_whole = tokens.is(start, &["exists"]) && tokens.behind(start + 1, part.end) == part.end;
    is_whole.then_some(start + 2..part.end.saturating_sub(1))
}

/// By function, those that call it.
fn callers(system: &System<'_, '_>, bodies: &[Result<Body<'_>, crate::sql::Error>]) -> Vec<Vec<usize>> {
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
fn spread(start: Vec<usize>, callers: &[Vec<usize>], take: &mut dyn FnMut(usize, usize) -> bool) {
    let mut pending = VecDeque::from(start);
    while let Some(at) = pending.pop_front() {
        for caller in callers.get(at).into_iter().flatten() {
            if take(at, *caller) {
                pending.push_back(*caller);
            }
        }
    }
}

fn who_asks(system: &mut System<'_, '_>, bodies: &[Result<Body<'_>, crate::sql::Error>], callers: &[Vec<usize>]) {
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

/// A function that cannot return without an assertion is an assertion to whoever calls it.
fn who_asserts(system: &mut System<'_, '_>, bodies: &[Result<Body<'_>, crate::sql::Error>], callers: &[Vec<usize>]) {
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
        Ok(body) if !subject.is_guarded => ways_of(system, subject, body),
        Ok(_) => Ways::default(),
        // Whatever is in it.
        Err(_) => Ways { writes: !subject.is_guarded, ..Ways::default() },
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
fn who_writes(system: &System<'_, '_>, bodies: &[Result<Body<'_>, crate::sql::Error>], callers: &[Vec<usize>]) -> Vec<bool> {
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
    subject: &Subject<'_>,
    body: &Result<Body<'_>, crate::sql::Error>,
    ways: &Ways,
    leaks: &[bool],
    writers: &[bool],
) -> Report {
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            let verdict = Verdict::NotAnalysable { bytes: error.range.clone(), reason: error.message.clone() };
            return Report { verdict, writes: 0 };
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
            if leaks_here && refutations.len() < REFUTED_AT_MOST && !subject.is_guarded && ways.before.contains_key(&at) {
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
    Report { verdict, writes }
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
