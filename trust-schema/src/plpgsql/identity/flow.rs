//! What has been compared with who calls before each statement of a body: a must-analysis over its control-flow graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rustc_hash::FxHashSet;

use super::super::conditions::Judge;
use super::super::facts::Facts;
use super::super::graph::{Node, START, Way};
use super::super::logic::{self, Logic};
use super::super::syntax::Part;
use super::super::system::{Body, Subject, System};
use super::super::tokens::Tokens;
use super::Checks;
use super::compared::{Compared, FOUND, Implies};
use super::gains::Here;
use super::regions;
use super::taint::Taint;
use super::uses::{Place, Use};
use crate::sql::lexer::TokenKind;

/// Ways out of conditions that are trusted callers' alone, by node and what the condition is there.
pub(super) type Removed = FxHashSet<(usize, bool)>;

/// Conditions that tell kinds of callers apart.
pub(super) struct Kind {
    pub(super) nodes: Vec<usize>,
    pub(super) side: Side,
}

/// Where the kind stands that may be trusted with any identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Where the condition is this: a role that no policy restricts either.
    Only(bool),
    /// On one side, whichever; the constant is a word of the application.
    Either,
}

impl Side {
    fn opposite(self) -> Side {
        match self {
            Side::Only(side) => Side::Only(!side),
            Side::Either => Side::Either,
        }
    }
}

/// Functions that change the writing of a value and leave its meaning.
const WRITINGS: &[&str] = &["lower", "upper", "btrim", "trim"];

/// One body, and what is asked of it.
pub(super) struct Flow<'f, 's, 'a> {
    pub(super) system: &'f System<'s, 'a>,
    pub(super) checks: &'f Checks,
    pub(super) subject: &'f Subject<'a>,
    pub(super) body: &'f Body<'a>,
    pub(super) judge: Judge<'f, 'f>,
    facts: &'f [Option<Facts>],
    pub(super) taint: Taint,
    /// Variables that hold nothing but what was read from rows of the caller.
    pub(super) own: BTreeSet<String>,
}

impl<'f, 's, 'a> Flow<'f, 's, 'a> {
    pub(super) fn new(
        system: &'f System<'s, 'a>,
        checks: &'f Checks,
        subject: &'f Subject<'a>,
        body: &'f Body<'a>,
        judge: Judge<'f, 'f>,
        facts: &'f [Option<Facts>],
    ) -> Flow<'f, 's, 'a> {
        let taint = Taint::new(subject, body);
        let is_own =
            |value: &Option<Part>| value.as_ref().is_some_and(|value| body.tokens.is(value.start, &["select"]) && judge.is_row_of_caller(value));
        let own = body.variables.values.iter().filter(|(_, values)| values.iter().all(is_own));
        let own = own.map(|(name, _)| name.clone()).filter(|name| !taint.has(name)).collect();
        Flow { system, checks, subject, body, judge, facts, taint, own }
    }

    pub(super) fn tokens(&self) -> &'f Tokens<'a> {
        &self.body.tokens
    }

    /// What is compared before each node, `None` where nobody gets to but who is trusted. `compared` are the arguments that were compared
    /// before the call.
    pub(super) fn run(&self, compared: u64, removed: &Removed) -> Vec<Option<Compared>> {
        let nodes = &self.body.graph.nodes;
        let mut known: Vec<Option<Compared>> = vec![None; nodes.len()];
        let mut start = Compared::default();
        for (number, name) in (0_u32..64).zip(&self.subject.arguments).filter(|(number, _)| compared >> number & 1 == 1) {
            start.expressions.extend([format!("{name} "), format!("${} ", number + 1)]);
        }
        if let Some(first) = known.get_mut(START) {
            *first = Some(start);
        }
        let nothing = Facts::default();
        let mut pending = VecDeque::from([START]);
        while let Some(at) = pending.pop_front() {
            let (Some(node), Some(Some(before))) = (nodes.get(at), known.get(at).cloned()) else { continue };
            let facts = self.facts.get(at).and_then(Option::as_ref).unwrap_or(&nothing);
            let kept = kept(node, &before);
            let mut after = kept.clone();
            self.gain(node, Here { known: &before, facts }, &mut after);
            for edge in &node.edges {
                let mut reached = if edge.way == Way::Raised { kept.clone() } else { after.clone() };
                match (&edge.way, &node.condition) {
                    (Way::When(is_true), _) if removed.contains(&(at, *is_true)) => continue,
                    (Way::When(true), Some(condition)) => reached.expressions.extend(self.if_true(condition, Here { known: &after, facts })),
                    (Way::When(false), Some(condition)) => reached.expressions.extend(self.if_not_true(condition, Here { known: &after, facts })),
                    (Way::Returned(name), _) => {
                        let call = node.call.as_ref();
                        reached.expressions.extend(call.map(|call| self.called(name, call, &self.checks.returned)).unwrap_or_default());
                    }
                    _ => {}
                }
                let Some(known) = known.get_mut(edge.to) else { continue };
                let met = known.as_ref().map_or_else(|| reached.clone(), |known| known.meet(&reached));
                if known.as_ref() != Some(&met) {
                    *known = Some(met);
                    pending.push_back(edge.to);
                }
            }
        }
        known
    }

    /// What a statement adds where it is done.
    fn gain(&self, node: &Node, here: Here<'_>, after: &mut Compared) {
        if let Some(Some(query)) = &node.found {
            after.imply(FOUND, Implies::True, self.bound(query));
        }
        let Some(value) = &node.value else { return };
        let is_query = self.tokens().is(logic::stripped(self.tokens(), value).start, &["select"]);
        if is_query {
            let bound = self.bound(value);
            node.assigned.iter().for_each(|name| after.imply(name, Implies::NotNull, bound.clone()));
        } else if let [name] = node.assigned.as_slice() {
            let truth = self.if_true(&logic::read(self.tokens(), value), here);
            after.imply(name, Implies::True, truth);
            if self.is_tainted(value) && self.is_clean(value, here.known) {
                after.expressions.insert(format!("{name} "));
            }
        }
    }

    /// Conditions that tell kinds of callers apart by a constant, those with the same writing together.
    pub(super) fn kinds(&self, trusted: &BTreeSet<String>) -> Vec<Kind> {
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        let nothing = Facts::default();
        for (at, node) in self.body.graph.nodes.iter().enumerate() {
            let Some(condition) = &node.condition else { continue };
            let Some(side) = self.trusted_side(condition, trusted) else { continue };
            let facts = self.facts.get(at).and_then(Option::as_ref).unwrap_or(&nothing);
            // The way around an IF is also that of NULL, which is no role at all.
            if side == Side::Only(false) && !self.judge.is_total(condition, facts) {
                continue;
            }
            let written = self.tokens().canonical(&self.tokens().part(&node.bytes));
            kinds.entry(written).or_insert_with(|| Kind { nodes: Vec::new(), side }).nodes.push(at);
        }
        kinds.into_values().collect()
    }

    fn trusted_side(&self, logic: &Logic, trusted: &BTreeSet<String>) -> Option<Side> {
        let of_comparison = |left: &Part, right: &Part, is_true: bool| {
            let other = self.judge.compared(left, right).filter(|other| self.judge.is_constant(other))?;
            let is_trusted = |at: usize| trusted.contains(self.tokens().text(at).trim_matches('\''));
            let mut literals = other.clone().filter(|at| !self.tokens().is_kind(*at, TokenKind::Comma));
            Some(if literals.all(is_trusted) { Side::Only(is_true) } else { Side::Either })
        };
        match logic {
            Logic::Not(inner) | Logic::IsFalse(inner) => self.trusted_side(inner, trusted).map(Side::opposite),
            Logic::IsTrue(inner) | Logic::Coalesce(inner, _) => self.trusted_side(inner, trusted),
            Logic::Or(parts) => {
                let mut sides = parts.iter().map(|part| self.trusted_side(part, trusted));
                let first = sides.next()??;
                sides.all(|side| side == Some(first)).then_some(first).filter(|side| *side != Side::Only(false))
            }
            Logic::Equal(left, right) | Logic::In(left, right) => of_comparison(left, right, true),
            Logic::Unequal(left, right) | Logic::Distinct(left, right) => of_comparison(left, right, false),
            _ => None,
        }
    }

    /// The arguments among expressions, by their numbers.
    pub(super) fn arguments_in(&self, expressions: &BTreeSet<String>) -> BTreeSet<usize> {
        let given = self.subject.arguments.iter().take(self.subject.given).enumerate();
        given.filter(|(_, name)| expressions.contains(&format!("{name} "))).map(|(number, _)| number).collect()
    }

    /// The arguments that are compared wherever the function returns true.
    pub(super) fn arguments_if_true(&self, known: &[Option<Compared>]) -> BTreeSet<usize> {
        let nothing = Facts::default();
        let mut all: Option<BTreeSet<usize>> = None;
        for (at, node) in self.body.graph.nodes.iter().enumerate() {
            let Some(Some(known)) = known.get(at) else { continue };
            let Some(value) = self.result(node) else { continue };
            let logic = logic::read(self.tokens(), &value);
            if matches!(logic, Logic::Constant(false)) || value.len() == 1 && self.tokens().is(value.start, &["null"]) {
                continue;
            }
            let facts = self.facts.get(at).and_then(Option::as_ref).unwrap_or(&nothing);
            let mut expressions = self.if_true(&logic, Here { known, facts });
            if self.tokens().is(value.start, &["select"]) {
                expressions.extend(self.bound(&value));
            }
            expressions.extend(known.expressions.iter().cloned());
            let found = self.arguments_in(&expressions);
            all = Some(match all {
                None => found,
                Some(all) => all.intersection(&found).copied().collect(),
            });
        }
        all.unwrap_or_default()
    }

    /// What a node returns: the value of RETURN, or the query of a body of SQL.
    pub(super) fn result(&self, node: &Node) -> Option<Part> {
        let is_sql = self.subject.language == super::super::system::Language::Sql;
        let query = || node.found.clone().flatten().filter(|_| is_sql);
        node.result.clone().or_else(query)
    }

    /// The parts of a call's parentheses by the numbers of the arguments.
    pub(super) fn arguments(&self, call: &Part, function: Option<usize>) -> Vec<Option<Part>> {
        let open = call.clone().find(|at| self.tokens().is_kind(*at, TokenKind::LeftParenthesis)).unwrap_or(call.end);
        let inside = (open + 1).min(call.end)..call.end.saturating_sub(1).max((open + 1).min(call.end));
        let names: &[&str] =
            function.and_then(|index| self.system.subjects.get(index)).map(|subject| subject.arguments.as_slice()).unwrap_or_default();
        let mut arguments = vec![None; names.len()];
        for (place, part) in regions::list(self.tokens(), &inside).into_iter().enumerate() {
            let is_named = [TokenKind::EqualsGreater, TokenKind::ColonEquals].into_iter().any(|kind| self.tokens().is_kind(part.start + 1, kind));
            let (number, part) = if is_named {
                let name = self.tokens().name(part.start);
                (names.iter().position(|known| name.as_deref() == Some(*known)), part.start + 2..part.end)
            } else {
                (Some(place), part)
            };
            if let Some(argument) = number.and_then(|number| arguments.get_mut(number)) {
                *argument = Some(part);
            }
        }
        arguments
    }

    /// Without parentheses, casts and changes of writing around a value.
    pub(super) fn base(&self, part: &Part) -> Part {
        let tokens = self.tokens();
        let mut part = part.clone();
        loop {
            let mut inner = logic::stripped(tokens, &part);
            let mut depth = 0;
            let cast = inner.clone().find(|at| {
                depth += tokens.turn(*at);
                depth == 0 && tokens.is_kind(*at, TokenKind::TypeCast)
            });
            // `a || b::text`, `a ->> b::text`: the cast is that of the last operand.
            let binds = |end: usize| !(inner.start..end).any(|at| tokens.is_kind(at, TokenKind::Operator));
            if let Some(cast) = cast.filter(|cast| *cast > inner.start && binds(*cast)) {
                inner.end = cast;
            }
            let is_writing = tokens.is(inner.start, WRITINGS)
                && tokens.is_kind(inner.start + 1, TokenKind::LeftParenthesis)
                && tokens.behind(inner.start + 1, inner.end) == inner.end;
            if is_writing {
                inner = inner.start + 2..inner.end - 1;
            }
            if inner == part {
                return part;
            }
            part = inner;
        }
    }

    /// An expression that holds something of the caller's, in canonical writing.
    pub(super) fn expression(&self, part: &Part) -> Option<String> {
        let base = self.base(part);
        let variables = self.taint.variables(self.tokens(), &base);
        match (base.len(), variables.first()) {
            (_, None) => None,
            (1, Some(name)) => Some(format!("{name} ")),
            _ => Some(self.tokens().canonical(&base)),
        }
    }

    pub(super) fn is_tainted(&self, part: &Part) -> bool {
        !self.taint.variables(self.tokens(), part).is_empty()
    }

    /// Whether everything of the caller's in an expression is compared.
    pub(super) fn is_clean(&self, part: &Part, known: &Compared) -> bool {
        let is_known = |canonical: &String| known.expressions.contains(canonical);
        self.expression(part).is_some_and(|expression| is_known(&expression))
            || self.taint.variables(self.tokens(), part).iter().all(|name| is_known(&format!("{name} ")))
    }

    /// Whether the query around a predicate lets nothing of others through.
    pub(super) fn is_clean_predicate(&self, one: &Use, known: &Compared) -> bool {
        let tokens = self.tokens();
        // `p is null or column = p`: NULL means everybody.
        let everybody = self.taint.variables(tokens, &one.expression);
        let opens = one
            .query
            .clone()
            .any(|at| tokens.name(at).is_some_and(|name| everybody.contains(&name)) && tokens.is(at + 1, &["is"]) && tokens.is(at + 2, &["null"]));
        if !opens && self.is_clean(&one.expression, known) || self.has_rows_of_caller(&one.query) {
            return true;
        }
        let qualifier = one.column.len() > 1;
        let same = |other: &Part| {
            other.len() > 1 && qualifier && tokens.text(other.start) == tokens.text(one.column.start) || other.len() == 1 && !qualifier
        };
        // Rows of a tenant that was compared may be chosen by what else the caller says.
        self.conjuncts(&one.query).iter().any(|conjunct| match conjunct {
            Logic::Equal(left, right) => [(left, right), (right, left)].into_iter().any(|(column, value)| {
                *value != one.expression && same(column) && one.names(tokens, column) && self.is_tainted(value) && self.is_clean(value, known)
            }),
            _ => false,
        }) && !opens
            && matches!(one.place, Place::Predicate { .. })
    }
}

/// What is left of what was known where a statement may have set its variables.
fn kept(node: &Node, before: &Compared) -> Compared {
    let mut kept = before.clone();
    node.assigned.iter().for_each(|variable| kept.assigned(variable));
    if node.found.is_some() {
        kept.implied.remove(&(FOUND.to_owned(), Implies::True));
    }
    kept
}
