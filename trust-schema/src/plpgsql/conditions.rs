//! What a condition says about the caller where it is true, false or not true (false or NULL): an IF takes its branch where the condition is
//! true, and the other way where it is false *or NULL*.

use super::builtin;
use super::facts::Facts;
use super::logic::Logic;
use super::syntax::Part;
use super::tokens::Tokens;
use crate::sql::builtin as catalog;
use crate::sql::lexer::TokenKind;

/// What is known of the names of a body.
pub(super) trait Names {
    /// The variable holds nothing but who calls.
    fn is_identity_variable(&self, name: &str) -> bool;
    /// The variable holds nothing but a decision over who calls.
    fn is_decision_variable(&self, name: &str) -> bool;
    /// The function returns who calls.
    fn is_identity_function(&self, schema: &str, name: &str) -> bool;
    /// The function decides, as a boolean, over who calls.
    fn is_decision_function(&self, schema: &str, name: &str) -> bool;
    /// A variable or argument.
    fn is_variable(&self, name: &str) -> bool;
}

/// Judges conditions of one body.
pub(super) struct Judge<'j, 'a> {
    pub(super) tokens: &'j Tokens<'a>,
    pub(super) names: &'j dyn Names,
}

impl Judge<'_, '_> {
    /// Whether who gets past the condition being true is who the body lets.
    pub(super) fn entitles_if_true(&self, logic: &Logic, facts: &Facts) -> bool {
        match logic {
            Logic::And(parts) => parts.iter().any(|part| self.entitles_if_true(part, facts)),
            Logic::Or(parts) => parts.iter().all(|part| self.entitles_if_true(part, facts)),
            Logic::Not(inner) => self.entitles_if_false(inner, facts),
            Logic::IsTrue(inner) => self.entitles_if_true(inner, facts),
            Logic::IsFalse(inner) => self.entitles_if_false(inner, facts),
            Logic::Equal(left, right) => self.compares(left, right),
            Logic::In(left, list) => self.compares(left, list),
            Logic::Exists(query) => self.is_row_of_caller(query),
            Logic::Coalesce(inner, fallback) => !fallback && self.entitles_if_true(inner, facts),
            Logic::Atom(part) => self.decides(part, facts),
            _ => false,
        }
    }

    /// As [`Judge::entitles_if_true`], where the condition is false and not NULL.
    pub(super) fn entitles_if_false(&self, logic: &Logic, facts: &Facts) -> bool {
        match logic {
            Logic::Or(parts) => parts.iter().any(|part| self.entitles_if_false(part, facts)),
            Logic::And(parts) => parts.iter().all(|part| self.entitles_if_false(part, facts)),
            Logic::Not(inner) => self.entitles_if_true(inner, facts),
            Logic::Unequal(left, right) => self.compares(left, right),
            // Both may be NULL.
            Logic::Distinct(left, right) => self.compares(left, right) && (self.is_not_null(left, facts) || self.is_not_null(right, facts)),
            Logic::IsTrue(inner) => self.entitles_if_not_true(inner, facts),
            Logic::Coalesce(inner, fallback) => *fallback && self.entitles_if_false(inner, facts),
            _ => false,
        }
    }

    /// As [`Judge::entitles_if_true`], where the condition is false or NULL: the way of an IF around its branch.
    pub(super) fn entitles_if_not_true(&self, logic: &Logic, facts: &Facts) -> bool {
        match logic {
            Logic::Or(parts) => {
                let facts = self.after(logic, false, facts);
                parts.iter().any(|part| self.entitles_if_not_true(part, &facts))
            }
            Logic::And(parts) => parts.iter().all(|part| self.entitles_if_not_true(part, facts)),
            _ => self.is_total(logic, facts) && self.entitles_if_false(logic, facts),
        }
    }

    /// Whether a condition would let nobody pass but for NULL.
    pub(super) fn fails_at_null(&self, logic: &Logic, facts: &Facts) -> bool {
        let every = |logic: &Logic| {
            let mut facts = facts.clone();
            self.all_not_null(logic, &mut facts);
            facts
        };
        !self.entitles_if_not_true(logic, facts) && self.entitles_if_not_true(logic, &every(logic))
    }

    fn all_not_null(&self, logic: &Logic, facts: &mut Facts) {
        let mut add = |part: &Part| {
            facts.not_null.insert(self.tokens.canonical(part));
        };
        match logic {
            Logic::And(parts) | Logic::Or(parts) => parts.iter().for_each(|part| self.all_not_null(part, facts)),
            Logic::Not(inner) | Logic::IsTrue(inner) | Logic::IsFalse(inner) | Logic::Coalesce(inner, _) => self.all_not_null(inner, facts),
            Logic::Distinct(left, right) | Logic::Equal(left, right) | Logic::Unequal(left, right) | Logic::In(left, right) => {
                add(left);
                add(right);
            }
            Logic::IsNull(part) | Logic::Atom(part) => add(part),
            Logic::Exists(_) | Logic::Constant(_) => {}
        }
    }

    /// The facts behind a condition: where it is true, or where it is not.
    pub(super) fn after(&self, logic: &Logic, is_true: bool, facts: &Facts) -> Facts {
        let mut after = facts.clone();
        self.learn(logic, is_true, &mut after);
        after
    }

    fn learn(&self, logic: &Logic, is_true: bool, facts: &mut Facts) {
        let mut known = |part: &Part| {
            facts.not_null.insert(self.tokens.canonical(part));
        };
        match (logic, is_true) {
            (Logic::IsNull(part), false) => known(part),
            (Logic::Not(inner), true) => {
                if let Logic::IsNull(part) = &**inner {
                    known(part);
                }
            }
            (Logic::Equal(left, right) | Logic::Unequal(left, right), true) => {
                known(left);
                known(right);
            }
            (Logic::Or(parts), false) | (Logic::And(parts), true) => parts.iter().for_each(|part| self.learn(part, is_true, facts)),
            _ => {}
        }
    }

    /// Whether a condition cannot be NULL.
    pub(super) fn is_total(&self, logic: &Logic, facts: &Facts) -> bool {
        match logic {
            Logic::Or(parts) | Logic::And(parts) => parts.iter().all(|part| self.is_total(part, facts)),
            Logic::Not(inner) => self.is_total(inner, facts),
            Logic::IsNull(_) | Logic::IsTrue(_) | Logic::IsFalse(_) | Logic::Distinct(..) | Logic::Exists(_) => true,
            Logic::Coalesce(..) | Logic::Constant(_) => true,
            Logic::Equal(left, right) | Logic::Unequal(left, right) => self.is_not_null(left, facts) && self.is_not_null(right, facts),
            Logic::In(left, list) => {
                self.is_not_null(left, facts) && list.clone().all(|at| self.is_literal(at) || self.tokens.is_kind(at, TokenKind::Comma))
            }
            Logic::Atom(part) => self.is_not_null(part, facts) || part.len() == 1 && self.tokens.is(part.start, &["found"]),
        }
    }

    fn is_literal(&self, at: usize) -> bool {
        self.tokens.kind(at).is_some_and(|kind| kind.is_string() || matches!(kind, TokenKind::Integer | TokenKind::Decimal))
    }

    fn is_not_null(&self, part: &Part, facts: &Facts) -> bool {
        // `x::type` is NULL only if x is.
        let cast = part
            .clone()
            .find(|at| self.tokens.is_kind(*at, TokenKind::TypeCast))
            .filter(|cast| (*cast..part.end).all(|at| self.tokens.turn(at) == 0));
        let base = part.start..cast.unwrap_or(part.end);
        if base.len() == 1 && (self.is_literal(base.start) || self.tokens.is(base.start, &["session_user", "current_user", "true", "false"])) {
            return true;
        }
        if self.tokens.is(base.start, &["coalesce"]) && base.len() > 3 && self.tokens.behind(base.start + 1, base.end) == base.end {
            return self.is_literal(base.end - 2) && self.tokens.is_kind(base.end - 3, TokenKind::Comma);
        }
        facts.not_null.contains(&self.tokens.canonical(part)) || facts.not_null.contains(&self.tokens.canonical(&base))
    }

    /// Whether one side is who calls, and the other something that says more than "somebody".
    fn compares(&self, left: &Part, right: &Part) -> bool {
        self.compared(left, right).is_some()
    }

    /// The side that is compared with who calls.
    pub(super) fn compared<'p>(&self, left: &'p Part, right: &'p Part) -> Option<&'p Part> {
        let one = |identity: &Part, other: &Part| {
            let is_constant = self.is_constant(other);
            self.is_identity(identity, other) && !self.mentions_identity(other) && !self.is_anybody(other) && (is_constant || !self.is_role(identity))
        };
        if one(left, right) {
            return Some(right);
        }
        one(right, left).then_some(left)
    }

    /// Whether a part is one literal or a list of them.
    pub(super) fn is_constant(&self, part: &Part) -> bool {
        part.clone().all(|at| self.is_literal(at) || self.tokens.is_kind(at, TokenKind::Comma))
    }

    /// Whether a part is a role: the caller's own is no secret, so it tells nothing to compare it with what the caller says.
    fn is_role(&self, part: &Part) -> bool {
        part.clone().any(|at| self.tokens.is(at, &["role"]) || ["'role'", "'request.jwt.claim.role'"].contains(&self.tokens.text(at)))
    }

    /// `authenticated` and `anon` are everybody.
    fn is_anybody(&self, part: &Part) -> bool {
        part.clone().any(|at| {
            self.tokens.kind(at).is_some_and(TokenKind::is_string)
                && ["'authenticated'", "'anon'", "'authenticator'", "''"].contains(&self.tokens.text(at))
        })
    }

    /// Whether a part is who calls, and nothing else that a caller chooses.
    fn is_identity(&self, part: &Part, other: &Part) -> bool {
        let chosen = |at: usize| {
            let name = self.tokens.name(at).filter(|_| !self.tokens.follows_kind(at, TokenKind::Dot));
            name.is_some_and(|name| self.names.is_variable(&name) && !self.names.is_identity_variable(&name))
        };
        if !self.mentions_identity(part) || part.clone().any(chosen) || part.clone().any(|at| self.tokens.is(at, &["from", "case"])) {
            return false;
        }
        // `coalesce(role, 'x') = 'x'` lets everybody pass who has no role.
        let falls_back = part.clone().any(|at| self.tokens.is(at, &["coalesce", "nullif", "greatest", "least"]));
        !falls_back
            || other.len() == 1 && self.is_literal(other.start) && part.clone().all(|at| self.tokens.text(at) != self.tokens.text(other.start))
    }

    pub(super) fn mentions_identity(&self, part: &Part) -> bool {
        part.clone().any(|at| self.identity_end(at, part.end).is_some())
    }

    /// Where a word for who calls ends that begins at a token.
    fn identity_end(&self, at: usize, end: usize) -> Option<usize> {
        if self.tokens.follows_kind(at, TokenKind::Dot) {
            return None;
        }
        let (name, behind) = self.tokens.dotted(at, end)?;
        let calls = self.tokens.is_kind(behind, TokenKind::LeftParenthesis);
        let found = match name.as_slice() {
            [name] if calls => name == "current_setting" && self.tokens.text(behind + 1).starts_with("'request."),
            [name] => self.names.is_identity_variable(name),
            [schema, name] if calls => builtin::is_identity(schema, name) || self.names.is_identity_function(schema, name),
            _ => false,
        };
        found.then(|| if calls { self.tokens.behind(behind, end) } else { behind })
    }

    /// Whether a value is a decision over who calls.
    pub(super) fn decides(&self, part: &Part, facts: &Facts) -> bool {
        if part.len() == 1 && self.tokens.is(part.start, &["found"]) {
            return facts.found;
        }
        if self.tokens.is(part.start, &["select"]) {
            return self.is_row_of_caller(part);
        }
        let Some((name, behind)) = self.tokens.dotted(part.start, part.end) else { return false };
        let calls = behind < part.end && self.tokens.is_kind(behind, TokenKind::LeftParenthesis) && self.tokens.behind(behind, part.end) == part.end;
        match name.as_slice() {
            [name] if behind == part.end => self.names.is_decision_variable(name),
            [schema, name] if calls => self.names.is_decision_function(schema, name),
            _ => false,
        }
    }

    /// Whether a query has a row only if it is the caller's: FROM, and a WHERE that demands `column = caller`, without an alternative, a set
    /// operation, or an aggregate, which has a row in any case.
    pub(super) fn is_row_of_caller(&self, query: &Part) -> bool {
        let mut depth = 0;
        let mut has_from = false;
        let mut where_at = None;
        for at in query.clone() {
            depth += self.tokens.turn(at);
            if depth == 0 {
                has_from |= self.tokens.is(at, &["from"]);
                if self.tokens.is(at, &["where"]) && where_at.is_none() {
                    where_at = Some(at);
                }
                let tests_truth = self.tokens.is(at, &["true", "false", "unknown"]) && self.tokens.follows(at, &["is", "not"]);
                if tests_truth
                    || self.tokens.is(at, &["union", "intersect", "except", "with"])
                    || where_at.is_some() && self.tokens.is(at, &["or", "not", "case"])
                {
                    return false;
                }
            }
            let is_aggregate = || self.tokens.name(at).and_then(|name| catalog::function(&name)).is_some_and(|function| function.is_aggregate);
            if where_at.is_none() && self.tokens.is_kind(at + 1, TokenKind::LeftParenthesis) && is_aggregate() {
                return false;
            }
        }
        let Some(condition) = where_at.filter(|_| has_from) else { return false };
        let mut depth = 0;
        (condition..query.end).any(|at| {
            depth += self.tokens.turn(at);
            // Deeper, it may be one of several alternatives.
            depth == 0 && self.tokens.is_operator(at, &["="]) && self.identity_beside(at, condition, query.end)
        })
    }

    /// Whether who calls stands on one side of a `=`.
    fn identity_beside(&self, at: usize, start: usize, end: usize) -> bool {
        let mut right = at + 1;
        while self.tokens.is_kind(right, TokenKind::LeftParenthesis) || self.tokens.is(right, &["select"]) {
            right += 1;
        }
        self.identity_end(right, end).is_some() || (start..at).any(|left| self.identity_end(left, end) == Some(at))
    }
}
