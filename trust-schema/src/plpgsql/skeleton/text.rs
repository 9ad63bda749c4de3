//! Expressions and statements, written so that the same is written the same way.

use std::collections::BTreeSet;

use crate::plpgsql::syntax::Part;
use crate::plpgsql::tokens::Tokens;
use crate::sql::identifier;
use crate::sql::lexer::TokenKind;

/// Words in front of a parenthesis that are no functions.
const NO_CALLS: [&str; 31] = [
    "all",
    "and",
    "any",
    "as",
    "between",
    "by",
    "case",
    "conflict",
    "distinct",
    "else",
    "exists",
    "filter",
    "from",
    "if",
    "in",
    "into",
    "is",
    "lateral",
    "like",
    "not",
    "on",
    "or",
    "over",
    "return",
    "returning",
    "select",
    "then",
    "using",
    "values",
    "when",
    "where",
];

/// An expression of a check, a trigger or an index.
pub fn expression(text: &str) -> String {
    Tokens::new(text).map_or_else(|_| text.to_owned(), |tokens| condition(&tokens, &(0..tokens.len())))
}

/// Tokens with spaces where people put them, and words in lower case.
pub(super) fn plain(tokens: &Tokens<'_>, part: &Part) -> String {
    written(tokens, part.clone())
}

fn written(tokens: &Tokens<'_>, positions: impl Iterator<Item = usize>) -> String {
    let mut text = String::new();
    let mut last: Option<usize> = None;
    for at in positions {
        if let Some(last) = last
            && spaced(tokens, last, at)
        {
            text.push(' ');
        }
        let token = tokens.text(at);
        match tokens.kind(at) {
            Some(TokenKind::Word) => text.push_str(&identifier::fold(token)),
            Some(TokenKind::Operator) if token == "!=" => text.push_str("<>"),
            _ => text.push_str(token),
        }
        last = Some(at);
    }
    text
}

fn spaced(tokens: &Tokens<'_>, last: usize, at: usize) -> bool {
    let (Some(before), Some(kind)) = (tokens.kind(last), tokens.kind(at)) else { return true };
    let tight_before = [TokenKind::Dot, TokenKind::TypeCast, TokenKind::LeftParenthesis, TokenKind::LeftBracket];
    let tight_after =
        [TokenKind::Dot, TokenKind::TypeCast, TokenKind::Comma, TokenKind::RightParenthesis, TokenKind::RightBracket, TokenKind::LeftBracket];
    let is_call = kind == TokenKind::LeftParenthesis && before != TokenKind::Operator && before != TokenKind::Comma && !tokens.is(last, &NO_CALLS);
    !(tight_before.contains(&before) || tight_after.contains(&kind) || is_call)
}

/// A condition: without parentheses around it, and what must all be true in the order of the alphabet.
pub(super) fn condition(tokens: &Tokens<'_>, part: &Part) -> String {
    let part = bare(tokens, part);
    let mut parts = conjuncts(tokens, &part);
    if parts.len() < 2 {
        return plain(tokens, &part);
    }
    parts.sort();
    parts.dedup();
    parts.join(" and ")
}

/// Without parentheses around the whole.
fn bare(tokens: &Tokens<'_>, part: &Part) -> Part {
    let mut part = part.clone();
    while tokens.is_kind(part.start, TokenKind::LeftParenthesis) && part.len() > 2 && tokens.behind(part.start, part.end) == part.end {
        // `(select …)` and `(a, b)` are something else without them.
        let inner = part.start + 1..part.end - 1;
        let is_tuple = outside(tokens, &inner).any(|at| tokens.is_kind(at, TokenKind::Comma));
        if is_tuple || tokens.is(inner.start, &["select", "with", "values"]) {
            break;
        }
        part = inner;
    }
    part
}

/// The positions outside of parentheses.
pub(super) fn outside<'t>(tokens: &'t Tokens<'_>, part: &Part) -> impl Iterator<Item = usize> + use<'t> {
    let mut depth = 0;
    part.clone().filter(move |at| {
        let turn = tokens.turn(*at);
        depth += turn;
        depth == 0 && turn == 0
    })
}

/// The parts of `a and b and c`; the whole where something else binds them.
fn conjuncts(tokens: &Tokens<'_>, part: &Part) -> Vec<String> {
    // The AND of BETWEEN, and what CASE and OR do, are not looked into.
    if outside(tokens, part).any(|at| tokens.is(at, &["or", "between", "case", "union", "order", "group", "limit", "select"])) {
        return vec![plain(tokens, part)];
    }
    let mut found = Vec::new();
    let mut start = part.start;
    for at in outside(tokens, part).filter(|at| tokens.is(*at, &["and"])) {
        found.push(start..at);
        start = at + 1;
    }
    found.push(start..part.end);
    if found.len() == 1 {
        return vec![plain(tokens, part)];
    }
    found
        .iter()
        .flat_map(|part| {
            let inner = bare(tokens, part);
            // What was between parentheses keeps them where it binds less than AND does.
            if inner != *part && conjuncts(tokens, &inner).len() < 2 && outside(tokens, &inner).any(|at| tokens.is(at, &["or"])) {
                vec![plain(tokens, part)]
            } else {
                conjuncts(tokens, &inner)
            }
        })
        .collect()
}

/// What stands behind RAISE, without the texts for people.
pub(super) fn refusal(tokens: &Tokens<'_>, part: &Part) -> String {
    let Some(using) = outside(tokens, part).find(|at| tokens.is(*at, &["using"])) else { return plain(tokens, part) };
    let mut options = Vec::new();
    let mut start = using + 1;
    for at in outside(tokens, &(start..part.end)).filter(|at| tokens.is_kind(*at, TokenKind::Comma)).chain([part.end]) {
        if !tokens.is(start, &["detail", "hint"]) {
            options.push(plain(tokens, &(start..at)));
        }
        start = at + 1;
    }
    let head = plain(tokens, &(part.start..using));
    if options.is_empty() { head } else { format!("{head} using {}", options.join(", ")) }
}

/// Which rows a statement touches, and what it makes of them.
#[derive(Default)]
pub(super) struct Rows {
    pub text: String,
    pub names: BTreeSet<String>,
    /// What is selected or returned.
    pub values: String,
    /// The names in each of them.
    pub value_names: Vec<BTreeSet<String>>,
}

/// What a position belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Clause {
    Rows,
    /// Selected or returned values.
    Values,
    /// Written values, and variables that are set.
    Left,
}

/// Splits a statement: the clauses that select rows from what is selected, set and returned.
pub(super) fn rows(tokens: &Tokens<'_>, all: &Part) -> Rows {
    let (mut kept, mut values) = (Vec::new(), Vec::new());
    let mut clause = Clause::Rows;
    let mut depth = 0_isize;
    let is_insert = tokens.is(all.start, &["insert"]);
    let mut condition_start = None;
    let mut chunks: Vec<String> = Vec::new();
    let mut names = BTreeSet::new();
    for at in all.clone() {
        let turn = tokens.turn(at);
        let is_outside = depth == 0 && turn >= 0;
        depth += turn;
        let mut is_head = false;
        if is_outside {
            let next = if tokens.is(at, &["select"]) {
                is_head = true;
                Some(Clause::Values)
            } else if tokens.is(at, &["returning"]) {
                Some(Clause::Values)
            } else if tokens.is(at, &["values", "set"]) || (tokens.is(at, &["into"]) && !tokens.follows(at, &["insert", "merge"])) {
                Some(Clause::Left)
            } else if tokens
                .is(at, &["from", "where", "using", "order", "group", "having", "limit", "offset", "for", "when", "union", "except", "intersect"])
                && !tokens.follows(at, &["distinct"])
                || (tokens.is(at, &["on"]) && tokens.is(at + 1, &["conflict"]))
            {
                Some(Clause::Rows)
            } else if is_insert && clause == Clause::Rows && tokens.is_kind(at, TokenKind::LeftParenthesis) && kept.len() > 1 && chunks.is_empty() {
                // The columns of `insert into t (…)`, but not those of ON CONFLICT.
                let is_columns = !kept.iter().any(|kept| tokens.is(*kept, &["conflict"]));
                is_columns.then_some(Clause::Left)
            } else {
                None
            };
            if let Some(next) = next {
                clause = next;
                if let Some(start) = condition_start.take() {
                    flush(tokens, &mut kept, start, at, &mut chunks);
                }
                is_head |= next == Clause::Values;
                if tokens.is(at, &["where"]) {
                    kept.push(at);
                    condition_start = Some(at + 1);
                    continue;
                }
            }
        }
        // What only is written decides nothing.
        if clause == Clause::Rows {
            names.extend(tokens.name(at));
        }
        match clause {
            _ if condition_start.is_some() => {}
            Clause::Values if is_head => kept.extend(tokens.is(at, &["select"]).then_some(at)),
            Clause::Values => values.push(at),
            Clause::Rows => kept.push(at),
            Clause::Left => {}
        }
    }
    if let Some(start) = condition_start {
        flush(tokens, &mut kept, start, all.end, &mut chunks);
    }
    if !kept.is_empty() {
        chunks.push(written(tokens, kept.iter().copied()));
    }
    let text = chunks.join(" ");
    let text = if is_insert { text.replacen(" select from ", " from ", 1) } else { text };
    let mut value_names = vec![BTreeSet::new()];
    let mut depth = 0;
    for at in &values {
        depth += tokens.turn(*at);
        match value_names.last_mut() {
            _ if depth == 0 && tokens.is_kind(*at, TokenKind::Comma) => value_names.push(BTreeSet::new()),
            Some(names) => names.extend(tokens.name(*at)),
            None => {}
        }
    }
    Rows { text, names, values: written(tokens, values.iter().copied()), value_names }
}

/// Writes what was kept so far, with the condition behind it.
fn flush(tokens: &Tokens<'_>, kept: &mut Vec<usize>, start: usize, end: usize, chunks: &mut Vec<String>) {
    chunks.push(format!("{} {}", written(tokens, kept.drain(..)), condition(tokens, &(start..end))));
}
