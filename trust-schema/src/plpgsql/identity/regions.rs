//! The parts of a statement around a place: operands, and the query that a predicate belongs to.

use super::super::syntax::Part;
use super::super::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// Words that end an operand on either side.
const BOUNDS: &[&str] = &[
    "and",
    "or",
    "not",
    "where",
    "on",
    "when",
    "set",
    "select",
    "having",
    "then",
    "else",
    "if",
    "elsif",
    "while",
    "return",
    "returning",
    "values",
    "using",
    "by",
    "is",
    "from",
    "exit",
    "perform",
    "in",
    "group",
    "order",
    "limit",
    "offset",
    "for",
    "union",
    "intersect",
    "except",
    "end",
    "loop",
    "fetch",
    "window",
    "do",
    "join",
    "left",
    "right",
    "inner",
    "cross",
    "full",
    "natural",
    "distinct",
    "as",
    "into",
];

fn ends(tokens: &Tokens<'_>, at: usize) -> bool {
    let is_kind = |kind| tokens.is_kind(at, kind);
    // A field may be named like a key word.
    let is_word = !tokens.follows_kind(at, TokenKind::Dot) && tokens.is(at, BOUNDS);
    is_word || is_kind(TokenKind::Comma) || is_kind(TokenKind::Semicolon) || is_kind(TokenKind::ColonEquals) || is_comparison(tokens, at)
}

fn is_comparison(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.is_operator(at, &["=", "<>", "!=", "<", ">", "<=", ">="])
}

/// What stands to the left of a token, as far as it binds.
pub(super) fn left(tokens: &Tokens<'_>, at: usize, start: usize) -> Part {
    let mut depth = 0;
    let mut first = at;
    while first > start {
        let before = first - 1;
        depth -= tokens.turn(before);
        if depth < 0 || depth == 0 && tokens.turn(before) == 0 && ends(tokens, before) {
            break;
        }
        first = before;
    }
    first..at
}

/// What stands to the right of a token, as far as it binds.
pub(super) fn right(tokens: &Tokens<'_>, at: usize, end: usize) -> Part {
    let mut depth = 0;
    let mut last = at + 1;
    while last < end {
        depth += tokens.turn(last);
        if depth < 0 || depth == 0 && tokens.turn(last) == 0 && ends(tokens, last) {
            break;
        }
        last += 1;
    }
    at + 1..last
}

/// The innermost query, or branch of a set operation, around a token.
pub(super) fn query(tokens: &Tokens<'_>, at: usize, part: &Part) -> Part {
    let is_set = |at: usize| tokens.is(at, &["union", "intersect", "except"]);
    let mut depth = 0;
    let mut start = at;
    while start > part.start {
        let before = start - 1;
        depth -= tokens.turn(before);
        if depth < 0 {
            if tokens.is(start, &["select", "with", "insert", "update", "delete", "merge"]) {
                break;
            }
            // Parentheses within a query.
            depth = 0;
        } else if depth == 0 && is_set(before) {
            break;
        }
        start = before;
    }
    let mut depth = 0;
    let mut end = start;
    while end < part.end {
        depth += tokens.turn(end);
        if depth < 0 || depth == 0 && end > at && is_set(end) {
            break;
        }
        end += 1;
    }
    start..end
}

/// The condition of a query: what stands behind its own WHERE.
pub(in crate::plpgsql) fn condition(tokens: &Tokens<'_>, query: &Part) -> Option<Part> {
    let mut depth = 0;
    let mut start = None;
    for at in query.clone() {
        depth += tokens.turn(at);
        if depth != 0 {
            continue;
        }
        match start {
            None if tokens.is(at, &["where"]) => start = Some(at + 1),
            Some(start)
                if tokens.is(
                    at,
                    &["group", "order", "limit", "offset", "for", "returning", "having", "window", "union", "intersect", "except", "fetch"],
                ) || tokens.is_kind(at, TokenKind::Semicolon) =>
            {
                return Some(start..at);
            }
            _ => {}
        }
    }
    start.map(|start| start..query.end)
}

/// The parts between commas outside of parentheses.
pub(super) fn list(tokens: &Tokens<'_>, part: &Part) -> Vec<Part> {
    let mut parts = Vec::new();
    if part.is_empty() {
        return parts;
    }
    let mut depth = 0;
    let mut start = part.start;
    for at in part.clone() {
        depth += tokens.turn(at);
        if depth == 0 && tokens.is_kind(at, TokenKind::Comma) {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..part.end);
    parts
}
