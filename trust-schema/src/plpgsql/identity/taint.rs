//! Which variables of a body hold what its caller supplied.

use std::collections::{BTreeMap, BTreeSet};

use super::super::syntax::Part;
use super::super::system::{Body, Subject};
use super::super::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// By variable, the arguments that it may hold something of. Whatever the order of statements.
#[derive(Debug, Default)]
pub(super) struct Taint {
    /// The function itself, in whose name its arguments can be qualified.
    function: String,
    by_variable: BTreeMap<String, BTreeSet<String>>,
}

impl Taint {
    pub(super) fn new(subject: &Subject<'_>, body: &Body<'_>) -> Taint {
        let mut taint = Taint { function: subject.name.to_owned(), by_variable: BTreeMap::new() };
        for (number, name) in subject.arguments.iter().take(subject.given).enumerate() {
            for written in [(*name).to_owned(), format!("${}", number + 1)] {
                taint.by_variable.insert(written, BTreeSet::from([(*name).to_owned()]));
            }
        }
        let values = body.variables.values.iter().flat_map(|(name, values)| values.iter().flatten().map(move |value| (name, value)));
        let looped = body.variables.loops.iter().flat_map(|(names, source)| names.iter().map(move |name| (name, source)));
        let sources: Vec<(&String, Vec<String>)> = values
            .chain(looped)
            .map(|(name, value)| (name, taken(&body.tokens, value, subject.name)))
            .filter(|(_, taken)| !taken.is_empty())
            .collect();
        // A chain of assignments is followed to its end: each round adds at least one argument to a variable.
        loop {
            let mut changed = false;
            for (name, taken) in &sources {
                let new: BTreeSet<String> = taken.iter().filter_map(|source| taint.by_variable.get(source)).flatten().cloned().collect();
                if new.is_empty() {
                    continue;
                }
                let known = taint.by_variable.entry((*name).clone()).or_default();
                let before = known.len();
                known.extend(new);
                changed |= known.len() > before;
            }
            if !changed {
                return taint;
            }
        }
    }

    /// The tainted variables of a part, as they are written there.
    pub(super) fn variables(&self, tokens: &Tokens<'_>, part: &Part) -> BTreeSet<String> {
        part.clone().filter_map(|at| variable(tokens, at, &self.function)).filter(|name| self.by_variable.contains_key(name)).collect()
    }

    /// Whether a variable may hold something of the caller's.
    pub(super) fn has(&self, variable: &str) -> bool {
        self.by_variable.contains_key(variable)
    }

    /// The argument that a tainted part holds something of.
    pub(super) fn first_argument(&self, tokens: &Tokens<'_>, part: &Part) -> Option<String> {
        let arguments = self.variables(tokens, part).into_iter().filter_map(|name| self.by_variable.get(&name)?.first().cloned());
        arguments.min()
    }
}

/// The variable that a token may be: a name that is neither the field of something nor a function.
fn variable(tokens: &Tokens<'_>, at: usize, function: &str) -> Option<String> {
    if tokens.text(at).starts_with('$') {
        return Some(tokens.text(at).to_owned());
    }
    let is_bare = !tokens.follows_kind(at, TokenKind::Dot) && !tokens.is_kind(at + 1, TokenKind::LeftParenthesis);
    let is_qualified = || {
        let names_function = |before: usize| !tokens.follows_kind(before, TokenKind::Dot) && tokens.name(before).as_deref() == Some(function);
        tokens.follows_kind(at, TokenKind::Dot) && at.checked_sub(2).is_some_and(names_function)
    };
    tokens.name(at).filter(|_| is_bare || is_qualified())
}

/// The names whose values an expression or the list of a query takes over. What stands behind its FROM chooses rows, no more.
fn taken(tokens: &Tokens<'_>, value: &Part, function: &str) -> Vec<String> {
    let mut depth = 0;
    let mut found = Vec::new();
    let mut at = value.start;
    while at < value.end {
        let is_query = tokens.is_kind(at, TokenKind::LeftParenthesis) && tokens.is(at + 1, &["select"]);
        if is_query {
            at = tokens.behind(at, value.end);
            continue;
        }
        depth += tokens.turn(at);
        if depth == 0 && tokens.is(at, &["from"]) {
            break;
        }
        found.extend(variable(tokens, at, function));
        at += 1;
    }
    found
}
