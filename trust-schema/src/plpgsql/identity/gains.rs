//! What a condition says to have been compared with who calls: where it is true, false, or not true (false or NULL).

use std::collections::BTreeSet;

use super::super::facts::Facts;
use super::super::logic::{self, Logic};
use super::super::syntax::Part;
use super::compared::{Compared, FOUND, Implies};
use super::flow::Flow;
use super::regions;
use crate::sql::builtin as catalog;
use crate::sql::lexer::TokenKind;

type Expressions = BTreeSet<String>;

/// What is known where the condition stands.
#[derive(Clone, Copy)]
pub(super) struct Here<'h> {
    pub(super) known: &'h Compared,
    pub(super) facts: &'h Facts,
}

impl Flow<'_, '_, '_> {
    pub(super) fn if_true(&self, logic: &Logic, here: Here<'_>) -> Expressions {
        match logic {
            Logic::And(parts) => union(parts.iter().map(|part| self.if_true(part, here))),
            Logic::Or(parts) => intersection(parts.iter().map(|part| self.if_true(part, here))),
            Logic::Not(inner) => self.if_false(inner, here),
            Logic::IsTrue(inner) => self.if_true(inner, here),
            Logic::IsFalse(inner) => self.if_false(inner, here),
            Logic::Coalesce(inner, false) => self.if_true(inner, here),
            Logic::Equal(left, right) => union([self.equal(left, right), self.not_null(left, here), self.not_null(right, here)]),
            Logic::Unequal(left, right) => union([self.not_null(left, here), self.not_null(right, here)]),
            Logic::In(left, list) => union([self.contained(left, list), self.not_null(left, here)]),
            Logic::Exists(query) => self.bound(query),
            Logic::Atom(part) => self.truth(part, here),
            // NULL is nobody's identity.
            Logic::IsNull(part) => self.expression(part).into_iter().collect(),
            _ => Expressions::new(),
        }
    }

    pub(super) fn if_false(&self, logic: &Logic, here: Here<'_>) -> Expressions {
        match logic {
            Logic::Or(parts) => union(parts.iter().map(|part| self.if_false(part, here))),
            Logic::And(parts) => intersection(parts.iter().map(|part| self.if_false(part, here))),
            Logic::Not(inner) => self.if_true(inner, here),
            Logic::IsTrue(inner) => self.if_not_true(inner, here),
            Logic::Coalesce(inner, true) => self.if_false(inner, here),
            Logic::Unequal(left, right) => union([self.equal(left, right), self.not_null(left, here), self.not_null(right, here)]),
            // Where both are NULL, what the caller gave is nobody's identity.
            Logic::Distinct(left, right) => self.equal(left, right),
            Logic::IsNull(part) => self.not_null(part, here),
            _ => Expressions::new(),
        }
    }

    /// The way of an IF around its branch.
    pub(super) fn if_not_true(&self, logic: &Logic, here: Here<'_>) -> Expressions {
        match logic {
            Logic::Or(parts) => {
                let facts = self.judge.after(logic, false, here.facts);
                union(parts.iter().map(|part| self.if_not_true(part, Here { facts: &facts, ..here })))
            }
            Logic::And(parts) => intersection(parts.iter().map(|part| self.if_not_true(part, here))),
            Logic::Not(inner) if matches!(**inner, Logic::IsNull(_)) => self.if_true(inner, here),
            _ if self.judge.is_total(logic, here.facts) => self.if_false(logic, here),
            _ => Expressions::new(),
        }
    }

    /// What `=` compares, where it holds.
    fn equal(&self, left: &Part, right: &Part) -> Expressions {
        let fixed = |part: &Part, other: &Part| self.judge.is_constant(&self.base(other)).then(|| part.clone());
        // What can be one value only is nobody's choice.
        if let Some(part) = fixed(left, right).or_else(|| fixed(right, left)) {
            return self.expression(&part).into_iter().collect();
        }
        let other = self.judge.compared(left, right);
        let other = other.or_else(|| self.is_callers(right).then_some(left)).or_else(|| self.is_callers(left).then_some(right));
        other.and_then(|other| self.expression(other)).into_iter().collect()
    }

    /// As [`Flow::equal`] of `x in (…)` and `x = any (…)`.
    fn contained(&self, left: &Part, list: &Part) -> Expressions {
        let inner = self.listed(list);
        let is_callers = self.judge.compared(left, list) == Some(left) || self.is_callers(&inner) || self.is_set_of_caller(&inner);
        let is_fixed = self.judge.is_constant(list);
        (is_callers || is_fixed).then(|| self.expression(left)).flatten().into_iter().collect()
    }

    /// Whether a value was read from rows of the caller.
    fn is_callers(&self, part: &Part) -> bool {
        let base = self.base(part);
        if self.tokens().is(base.start, &["select"]) {
            return self.taint.variables(self.tokens(), &self.selected(&base)).is_empty() && self.has_rows_of_caller(&base);
        }
        self.is_own(&base)
    }

    /// Whether a part is a variable that holds nothing but what was read from rows of the caller.
    pub(super) fn is_own(&self, part: &Part) -> bool {
        part.len() == 1 && self.tokens().name(part.start).is_some_and(|name| self.own.contains(&name))
    }

    /// What stands in the parentheses of `in (…)`, also as `array(…)`.
    fn listed(&self, list: &Part) -> Part {
        let inner = logic::stripped(self.tokens(), list);
        if self.tokens().is(inner.start, &["array"]) { logic::stripped(self.tokens(), &(inner.start + 1..inner.end)) } else { inner }
    }

    /// The list of a query.
    fn selected(&self, query: &Part) -> Part {
        let mut depth = 0;
        let from = query.clone().find(|at| {
            depth += self.tokens().turn(*at);
            depth == 0 && self.tokens().is(*at, &["from"])
        });
        query.start..from.unwrap_or(query.end)
    }

    fn not_null(&self, part: &Part, here: Here<'_>) -> Expressions {
        let base = self.base(part);
        let name = self.tokens().name(base.start).filter(|_| base.len() == 1);
        name.map(|name| here.known.implied_by(&name, Implies::NotNull).cloned().collect()).unwrap_or_default()
    }

    /// What a value tells where it is true.
    fn truth(&self, part: &Part, here: Here<'_>) -> Expressions {
        let tokens = self.tokens();
        if tokens.is(part.start, &["select"]) {
            return self.if_true(&logic::read(tokens, &(part.start + 1..part.end)), here);
        }
        let Some((name, behind)) = tokens.dotted(part.start, part.end) else { return Expressions::new() };
        if behind < part.end {
            let is_call = tokens.is_kind(behind, TokenKind::LeftParenthesis) && tokens.behind(behind, part.end) == part.end;
            return if is_call { self.called(&name, &(part.start..part.end), &self.checks.returned_true) } else { Expressions::new() };
        }
        let [name] = name.as_slice() else { return Expressions::new() };
        let name = if tokens.is(part.start, &[FOUND]) { FOUND } else { name.as_str() };
        [Implies::True, Implies::NotNull].into_iter().flat_map(|when| here.known.implied_by(name, when)).cloned().collect()
    }

    /// What a call has compared, by what every function of the name has.
    pub(super) fn called(&self, name: &[String], call: &Part, checks: &[BTreeSet<usize>]) -> Expressions {
        let functions = self.system.find(name);
        let numbers = intersection(functions.iter().filter_map(|index| checks.get(*index).cloned()));
        let arguments = self.arguments(call, functions.first().copied());
        let compared = numbers.into_iter().filter_map(|number| arguments.get(number)?.clone());
        compared.filter_map(|argument| self.expression(&argument)).collect()
    }

    /// What a query compares, if it has a row.
    pub(super) fn bound(&self, query: &Part) -> Expressions {
        let query = logic::stripped(self.tokens(), query);
        if !self.has_rows_of_caller(&query) {
            return Expressions::new();
        }
        let mut found = Expressions::new();
        for conjunct in self.conjuncts(&query) {
            match &conjunct {
                Logic::Equal(left, right) => found.extend([left, right].into_iter().filter_map(|side| self.expression(side))),
                Logic::In(left, _) => found.extend(self.expression(left)),
                _ => {}
            }
        }
        found
    }

    /// What the condition of a query demands, one by one.
    pub(super) fn conjuncts(&self, query: &Part) -> Vec<Logic> {
        let condition = regions::condition(self.tokens(), query).map(|condition| logic::read(self.tokens(), &condition));
        match condition {
            Some(Logic::And(parts)) => parts,
            other => other.into_iter().collect(),
        }
    }

    /// Whether a query has no rows but those that belong to who calls.
    pub(super) fn has_rows_of_caller(&self, query: &Part) -> bool {
        let tokens = self.tokens();
        let mut depth = 0;
        for at in self.selected(query) {
            depth += tokens.turn(at);
            let is_call = tokens.is_kind(at + 1, TokenKind::LeftParenthesis);
            let aggregates = || tokens.name(at).and_then(|name| catalog::function(&name)).is_some_and(|function| function.is_aggregate);
            // An aggregate has a row in any case.
            if depth == 0 && is_call && aggregates() {
                return false;
            }
        }
        let combines = |at: usize| tokens.is(at, &["union", "intersect", "except"]);
        let mut depth = 0;
        let is_plain = !query.clone().any(|at| {
            depth += tokens.turn(at);
            depth == 0 && combines(at)
        });
        is_plain
            && self.conjuncts(query).iter().any(|conjunct| match conjunct {
                Logic::Equal(left, right) => {
                    self.judge.compared(left, right).is_some() || [left, right].into_iter().any(|side| self.is_own(&self.base(side)))
                }
                Logic::In(left, list) => self.is_among_callers(left, list),
                _ => false,
            })
    }

    /// Whether a column must be among what belongs to the caller.
    fn is_among_callers(&self, column: &Part, list: &Part) -> bool {
        let inner = self.listed(list);
        self.judge.compared(column, list) == Some(column) || self.tokens().is(inner.start, &["select"]) && self.is_set_of_caller(&inner)
    }

    /// `select f()` of a function that asks who calls, or a query of the caller's own rows.
    fn is_set_of_caller(&self, query: &Part) -> bool {
        let inner = query.start + 1..query.end;
        let is_call = self.tokens().dotted(inner.start, inner.end).is_some_and(|(_, behind)| {
            self.tokens().is_kind(behind, TokenKind::LeftParenthesis) && self.tokens().behind(behind, inner.end) == inner.end
        });
        if is_call { self.judge.mentions_identity(&inner) } else { self.judge.is_row_of_caller(query) }
    }
}

fn union(sets: impl IntoIterator<Item = Expressions>) -> Expressions {
    sets.into_iter().flatten().collect()
}

/// Of no sets, nothing.
fn intersection<T: Ord>(sets: impl IntoIterator<Item = BTreeSet<T>>) -> BTreeSet<T> {
    let mut sets = sets.into_iter();
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |common, set| common.into_iter().filter(|one| set.contains(one)).collect())
}
