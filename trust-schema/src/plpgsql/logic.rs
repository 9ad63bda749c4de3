//! Conditions as trees of three-valued logic. What is not understood is an atom that may be NULL.

use super::syntax::Part;
use super::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Logic {
    Or(Vec<Logic>),
    And(Vec<Logic>),
    Not(Box<Logic>),
    /// `x is null`
    IsNull(Part),
    /// `x is true`; of `is not true` the negation.
    IsTrue(Box<Logic>),
    /// `x is false`
    IsFalse(Box<Logic>),
    /// `x is distinct from y`
    Distinct(Part, Part),
    /// `=`
    Equal(Part, Part),
    /// `<>` and `!=`
    Unequal(Part, Part),
    /// `x in (…)` with what stands in the parentheses.
    In(Part, Part),
    /// `exists (…)` with what stands in the parentheses.
    Exists(Part),
    /// `coalesce(x, true)` and `coalesce(x, false)`
    Coalesce(Box<Logic>, bool),
    Constant(bool),
    /// A value.
    Atom(Part),
}

/// Reads a condition.
pub(super) fn read(tokens: &Tokens<'_>, part: &Part) -> Logic {
    let part = stripped(tokens, part);
    if let Some(parts) = split(tokens, &part, "or") {
        return Logic::Or(parts.iter().map(|part| read(tokens, part)).collect());
    }
    if let Some(parts) = split(tokens, &part, "and") {
        return Logic::And(parts.iter().map(|part| read(tokens, part)).collect());
    }
    if tokens.is(part.start, &["not"]) && part.len() > 1 {
        return Logic::Not(Box::new(read(tokens, &(part.start + 1..part.end))));
    }
    if let Some(tested) = test(tokens, &part) {
        return tested;
    }
    comparison(tokens, &part).unwrap_or_else(|| atom(tokens, part))
}

/// Without parentheses around the whole.
pub(super) fn stripped(tokens: &Tokens<'_>, part: &Part) -> Part {
    let mut part = part.clone();
    while part.len() > 2 && tokens.is_kind(part.start, TokenKind::LeftParenthesis) && tokens.behind(part.start, part.end) == part.end {
        part = part.start + 1..part.end - 1;
    }
    part
}

/// The tokens outside of parentheses and of CASE expressions.
fn outer(tokens: &Tokens<'_>, part: &Part) -> Vec<usize> {
    let mut depth = 0;
    let mut cases = 0_usize;
    let mut found = Vec::new();
    for at in part.clone() {
        let turn = tokens.turn(at);
        depth += turn;
        if tokens.is(at, &["case"]) {
            cases += 1;
        } else if tokens.is(at, &["end"]) {
            cases = cases.saturating_sub(1);
        } else if depth == 0 && turn == 0 && cases == 0 {
            found.push(at);
        }
    }
    found
}

/// The operands of `and` or `or`; `between x and y` has one of its own.
fn split(tokens: &Tokens<'_>, part: &Part, word: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut start = part.start;
    let mut between = false;
    for at in outer(tokens, part) {
        if tokens.is(at, &["between"]) {
            between = true;
        } else if tokens.is(at, &["and"]) && std::mem::take(&mut between) {
        } else if tokens.is(at, &[word]) {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..part.end);
    (parts.len() > 1).then_some(parts)
}

/// `x is [not] null`, `x is [not] true`, `x is [not] distinct from y`, `x isnull`, `x notnull`
fn test(tokens: &Tokens<'_>, part: &Part) -> Option<Logic> {
    let is = outer(tokens, part).into_iter().rev().find(|at| tokens.is(*at, &["is", "isnull", "notnull"]))?;
    let left = part.start..is;
    if !tokens.is(is, &["is"]) {
        let tested = Logic::IsNull(stripped(tokens, &left));
        return (is + 1 == part.end).then(|| negate(tested, tokens.is(is, &["notnull"])));
    }
    let negated = tokens.is(is + 1, &["not"]);
    let word = is + 1 + usize::from(negated);
    if tokens.is(word, &["distinct"]) && tokens.is(word + 1, &["from"]) {
        return Some(negate(Logic::Distinct(stripped(tokens, &left), stripped(tokens, &(word + 2..part.end))), negated));
    }
    if word + 1 != part.end {
        return None;
    }
    let tested = match tokens.word(word)?.as_str() {
        "null" => Logic::IsNull(stripped(tokens, &left)),
        "true" => Logic::IsTrue(Box::new(read(tokens, &left))),
        "false" => Logic::IsFalse(Box::new(read(tokens, &left))),
        "unknown" => Logic::IsNull(stripped(tokens, &left)),
        _ => return None,
    };
    Some(negate(tested, negated))
}

fn negate(logic: Logic, negated: bool) -> Logic {
    if negated { Logic::Not(Box::new(logic)) } else { logic }
}

fn comparison(tokens: &Tokens<'_>, part: &Part) -> Option<Logic> {
    let outer = outer(tokens, part);
    // `x [not] in (…)`
    if let Some(at) = outer.iter().copied().find(|at| tokens.is(*at, &["in"])) {
        let list = at + 1..part.end;
        if !tokens.is_kind(list.start, TokenKind::LeftParenthesis) || tokens.behind(list.start, list.end) != list.end {
            return None;
        }
        let negated = tokens.follows(at, &["not"]);
        let left = part.start..at - usize::from(negated && at > part.start);
        return Some(negate(Logic::In(stripped(tokens, &left), list.start + 1..list.end - 1), negated));
    }
    let operators: Vec<usize> = outer.into_iter().filter(|at| tokens.is_operator(*at, &["=", "<>", "!="])).collect();
    let [at] = operators.as_slice() else { return None };
    let (left, right) = (stripped(tokens, &(part.start..*at)), stripped(tokens, &(at + 1..part.end)));
    if left.is_empty() || right.is_empty() || tokens.is(right.start, &["all"]) {
        return None;
    }
    if tokens.is(right.start, &["any", "some"]) {
        let is_whole = right.len() > 2 && tokens.behind(right.start + 1, right.end) == right.end;
        return (is_whole && tokens.is_operator(*at, &["="])).then(|| Logic::In(left, right.start + 2..right.end - 1));
    }
    Some(if tokens.is_operator(*at, &["="]) { Logic::Equal(left, right) } else { Logic::Unequal(left, right) })
}

fn atom(tokens: &Tokens<'_>, part: Part) -> Logic {
    if part.len() == 1 && tokens.is(part.start, &["true", "false"]) {
        return Logic::Constant(tokens.is(part.start, &["true"]));
    }
    let calls = |word: &str| tokens.is(part.start, &[word]) && part.len() > 2 && tokens.behind(part.start + 1, part.end) == part.end;
    if calls("exists") {
        return Logic::Exists(part.start + 2..part.end - 1);
    }
    if calls("coalesce") {
        let comma = outer(tokens, &(part.start + 2..part.end - 1)).into_iter().filter(|at| tokens.is_kind(*at, TokenKind::Comma)).collect::<Vec<_>>();
        if let [comma] = comma.as_slice()
            && comma + 3 == part.end
            && tokens.is(comma + 1, &["true", "false"])
        {
            let inner = read(tokens, &(part.start + 2..*comma));
            return Logic::Coalesce(Box::new(inner), tokens.is(comma + 1, &["true"]));
        }
    }
    Logic::Atom(part)
}
