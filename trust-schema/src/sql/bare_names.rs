//! Names without a schema in the body of a function, found from tokens: what is called, and what stands where a table stands.
//!
//! This is a net with wide meshes: it names candidates, and who asks knows which of them are tables and functions of the spec.

use std::collections::HashSet;
use std::ops::Range;

use super::identifier;
use super::lexer::{Token, TokenKind};
use super::value;

/// A name without a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BareName {
    /// Without quotes; an unquoted one is folded.
    pub name: String,
    /// Its bytes.
    pub range: Range<usize>,
    /// A parenthesis follows, and it stands where no table stands.
    pub is_called: bool,
}

/// Functions of the grammar whose arguments hold a FROM that names no table.
const FROM_INSIDE: [&str; 5] = ["extract", "substring", "trim", "overlay", "position"];

/// The candidates, in the order of the text; names of WITH clauses are none.
pub(super) fn find(text: &str, tokens: &[Token]) -> Vec<BareName> {
    let name_of = |position: usize| tokens.get(position).and_then(|token| value::identifier(token.kind, token.text(text))).and_then(Result::ok);
    let is_word = |position: Option<usize>, words: &[&str]| {
        let token = position.and_then(|position| tokens.get(position)).filter(|token| token.kind == TokenKind::Word);
        token.is_some_and(|token| words.contains(&&*identifier::fold(token.text(text))))
    };
    let is_kind =
        |position: Option<usize>, kind: TokenKind| position.and_then(|position| tokens.get(position)).is_some_and(|token| token.kind == kind);
    let common: HashSet<String> = (0..tokens.len())
        .filter(|position| {
            is_word(Some(position + 1), &["as"])
                && (is_kind(Some(position + 2), TokenKind::LeftParenthesis) || is_word(Some(position + 2), &["materialized", "not"]))
        })
        .filter_map(name_of)
        .collect();
    // For each open parenthesis, whether a FROM inside names no table.
    let mut open: Vec<bool> = Vec::new();
    let mut found = Vec::new();
    for (position, token) in tokens.iter().enumerate() {
        let previous = position.checked_sub(1);
        match token.kind {
            TokenKind::LeftParenthesis => open.push(is_word(previous, &FROM_INSIDE)),
            TokenKind::RightParenthesis => {
                open.pop();
            }
            _ => {}
        }
        let Some(name) = name_of(position) else { continue };
        if is_kind(previous, TokenKind::Dot) || is_kind(Some(position + 1), TokenKind::Dot) || common.contains(&name) {
            continue;
        }
        let before = previous.and_then(|previous| previous.checked_sub(1));
        let in_special_form = open.last().copied().unwrap_or_default();
        let is_relation = is_word(previous, &["join", "into"])
            || is_word(previous, &["from"]) && !is_word(before, &["distinct"]) && !in_special_form
            || is_word(previous, &["update"]) && !is_word(before, &["do", "for", "key", "on", "before", "after", "or"]);
        let calls = is_kind(Some(position + 1), TokenKind::LeftParenthesis);
        if is_relation && !(calls && is_word(previous, &["from", "join"])) {
            found.push(BareName { name, range: token.range(), is_called: false });
        } else if calls {
            found.push(BareName { name, range: token.range(), is_called: true });
        }
    }
    found
}
