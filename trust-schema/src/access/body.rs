//! What the body of a function does to which relation, read from its tokens.
//!
//! It errs on the side of too much: a relation that is named where one can be read counts as read, a call counts for every overload.

use std::collections::BTreeSet;

use super::Action;
use super::indexes::Indexes;
use crate::catalog::{Id, QualifiedName};
use crate::sql::lexer::{self, Token, TokenKind};
use crate::sql::value;

/// What a body does.
#[derive(Debug, Default)]
pub struct Effects {
    pub relations: BTreeSet<(Id, Action)>,
    pub calls: BTreeSet<Id>,
    /// SQL is put together at run time.
    pub dynamic: bool,
}

/// Reads a body.
pub fn effects(text: &str, indexes: &Indexes<'_>) -> Effects {
    let tokens: Vec<Token> = lexer::lex(text).tokens.into_iter().filter(|token| !token.kind.is_comment()).collect();
    let mut effects = Effects::default();
    let mut position = 0;
    while let Some(token) = tokens.get(position) {
        if token.is_word(text, "execute") {
            effects.dynamic = true;
        }
        let parts = dotted(text, &tokens, position);
        let after = position + (parts.len() * 2).saturating_sub(1).max(1);
        if let [schema, name, ..] = parts.as_slice() {
            let name = QualifiedName::new(schema.as_str(), name.as_str());
            if let Some(relation) = indexes.relation(&name) {
                effects.relations.extend(actions(text, &tokens, position, after).into_iter().map(|action| (relation.clone(), action)));
            }
            let called = parts.len() == 2 && tokens.get(after).is_some_and(|next| next.kind == TokenKind::LeftParenthesis);
            if called {
                effects.calls.extend(indexes.function_names.get(&name).into_iter().flatten().map(|id| (*id).clone()));
            }
        }
        position = after;
    }
    effects
}

/// The parts of the name that begins at a token.
fn dotted(text: &str, tokens: &[Token], start: usize) -> Vec<String> {
    let part = |position: usize| {
        let token = tokens.get(position)?;
        value::identifier(token.kind, token.text(text)).and_then(Result::ok)
    };
    let mut parts: Vec<String> = part(start).into_iter().collect();
    if parts.is_empty() {
        return parts;
    }
    let mut position = start + 1;
    while let (Some(dot), Some(next)) = (tokens.get(position), part(position + 1)) {
        if dot.kind != TokenKind::Dot {
            break;
        }
        parts.push(next);
        position += 2;
    }
    parts
}

/// What is done to the relation that is named from `start` on.
fn actions(text: &str, tokens: &[Token], start: usize, after: usize) -> Vec<Action> {
    let word = |back: usize, word: &str| start.checked_sub(back).and_then(|place| tokens.get(place)).is_some_and(|token| token.is_word(text, word));
    let kind = |back: usize| start.checked_sub(back).and_then(|place| tokens.get(place)).map(|token| token.kind);
    // A type: `public.t%rowtype`, `x::public.t`.
    let is_type = tokens.get(after).is_some_and(|token| token.text(text) == "%") || kind(1) == Some(TokenKind::TypeCast);
    if is_type {
        return Vec::new();
    }
    let back = if word(1, "only") || word(1, "table") && word(2, "truncate") { 2 } else { 1 };
    if word(back, "into") && word(back + 1, "insert") {
        let mut actions = vec![Action::Insert];
        actions.extend(updates_on_conflict(text, tokens, after).then_some(Action::Update));
        return actions;
    }
    if word(back, "into") && word(back + 1, "merge") || word(back, "merge") {
        return vec![Action::Insert, Action::Update, Action::Delete];
    }
    if word(back, "update") {
        return vec![Action::Update];
    }
    if word(back, "from") && word(back + 1, "delete") {
        return vec![Action::Delete];
    }
    if word(1, "truncate") || back == 2 && word(2, "truncate") {
        return vec![Action::Truncate];
    }
    let read = ["from", "join", "using", "only", "table", "lateral", "of"].iter().any(|before| word(1, before))
        || matches!(kind(1), Some(TokenKind::Comma | TokenKind::LeftParenthesis));
    if read { vec![Action::Select] } else { Vec::new() }
}

/// Whether an INSERT goes on with `on conflict … do update`, before its statement ends.
fn updates_on_conflict(text: &str, tokens: &[Token], start: usize) -> bool {
    let rest = tokens.get(start..).unwrap_or_default();
    let statement = rest.split(|token| token.kind == TokenKind::Semicolon).next().unwrap_or_default();
    statement.windows(2).any(|pair| matches!(pair, [first, second] if first.is_word(text, "do") && second.is_word(text, "update")))
}
