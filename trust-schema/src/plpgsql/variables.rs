//! The variables of a body and what they hold.

use std::collections::{BTreeMap, BTreeSet};

use super::conditions::Judge;
use super::facts::Facts;
use super::logic;
use super::syntax::{Block, Header, Kind, Part, Statement};
use super::system::{Known, System};
use super::tokens::Tokens;
use crate::sql::lexer::TokenKind;

#[derive(Default)]
pub(super) struct Variables {
    pub(super) all: BTreeSet<String>,
    /// By variable, the values that it gets; none for a value that is not an expression.
    pub(super) values: BTreeMap<String, Vec<Option<Part>>>,
    /// Variables of loops, and what the loop goes through.
    pub(super) loops: Vec<(Vec<String>, Part)>,
    /// They hold nothing but who calls.
    pub(super) identities: BTreeSet<String>,
    /// They hold nothing but a decision over who calls.
    pub(super) decisions: BTreeSet<String>,
    /// They hold nothing but what stands in rows of the caller.
    pub(super) own: BTreeSet<String>,
}

/// The names of all variables of a body, whichever block they belong to.
pub(super) fn variables(block: &Block, tokens: &Tokens<'_>) -> BTreeSet<String> {
    let mut variables = Variables::default();
    collect(block, tokens, &mut variables);
    variables.all
}

/// Every variable with the values that it gets.
pub(super) fn collect(block: &Block, tokens: &Tokens<'_>, variables: &mut Variables) {
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
            if let Header::Each { targets, declares, source, .. } = header {
                variables.loops.push((targets.clone(), source.clone()));
                for name in targets {
                    variables.values.entry(name.clone()).or_default().push(None);
                }
                if *declares {
                    variables.all.extend(targets.iter().cloned());
                }
            }
            statements.iter().for_each(|inner| collect_statement(inner, tokens, variables));
        }
        _ => {}
    }
}

impl Variables {
    /// Finds the variables that hold nothing but who calls, or a decision over that. A variable without a value holds NULL.
    pub(super) fn settle(&mut self, tokens: &Tokens<'_>, system: &System<'_, '_>) {
        let (mut identities, mut decisions) = (BTreeSet::new(), BTreeSet::new());
        {
            let nothing = Variables { all: self.all.clone(), ..Variables::default() };
            let known = Known { system, variables: &nothing };
            let judge = Judge { tokens, names: &known };
            for (name, values) in &self.values {
                let every = |test: &dyn Fn(&Part) -> bool| values.iter().all(|value| value.as_ref().is_some_and(test));
                let is_chosen = |part: &Part| part.clone().any(|at| tokens.name(at).is_some_and(|name| self.all.contains(&name)));
                if every(&|part| {
                    judge.mentions_identity(part) && !is_chosen(part) && !part.clone().any(|at| tokens.is(at, &["from", "coalesce", "case"]))
                }) {
                    identities.insert(name.clone());
                }
                if every(&|part| judge.decides(part, &Facts::default()) || exists(tokens, part).is_some_and(|query| judge.is_row_of_caller(&query))) {
                    decisions.insert(name.clone());
                }
            }
        }
        let mut own = BTreeSet::new();
        {
            let known = Variables { all: self.all.clone(), identities: identities.clone(), ..Variables::default() };
            let known = Known { system, variables: &known };
            let judge = Judge { tokens, names: &known };
            let is_own = |value: &Option<Part>| value.as_ref().is_some_and(|part| judge.is_row_of_caller(&logic::stripped(tokens, part)));
            own.extend(self.values.iter().filter(|(_, values)| values.iter().all(is_own)).map(|(name, _)| name.clone()));
        }
        self.identities = identities;
        self.decisions = decisions;
        self.own = own;
    }
}

/// What stands in the parentheses of `exists (…)`, also behind SELECT.
pub(super) fn exists(tokens: &Tokens<'_>, part: &Part) -> Option<Part> {
    let start = part.start + usize::from(tokens.is(part.start, &["select"]));
    let is_whole = tokens.is(start, &["exists"]) && tokens.behind(start + 1, part.end) == part.end;
    is_whole.then_some(start + 2..part.end.saturating_sub(1))
}
