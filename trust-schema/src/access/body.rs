//! What the body of a function does to which relation, read from its tokens.
//!
//! It errs on the side of too much: a relation that is named where one can be read counts as read, a call counts for every overload.

use std::collections::BTreeSet;

use super::Action;
use super::indexes::Indexes;
use crate::catalog::{Id, QualifiedName};
use crate::plpgsql::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// What a body does.
#[derive(Debug, Default)]
pub struct Effects {
    pub relations: BTreeSet<(Id, Action)>,
    pub calls: BTreeSet<Id>,
    /// SQL is put together at run time.
    pub dynamic: bool,
}

/// Reads a body. What cannot be read may do anything.
pub fn effects(text: &str, indexes: &Indexes<'_>) -> Effects {
    let Ok(tokens) = Tokens::new(text) else { return Effects { dynamic: true, ..Effects::default() } };
    let mut effects = Effects::default();
    let mut position = 0;
    while position < tokens.len() {
        effects.dynamic |= tokens.is(position, &["execute"]);
        let Some((parts, after)) = tokens.dotted(position, tokens.len()) else {
            position += 1;
            continue;
        };
        if let [schema, name, ..] = parts.as_slice() {
            let name = QualifiedName::new(schema.as_str(), name.as_str());
            if let Some(relation) = indexes.relation(&name) {
                effects.relations.extend(actions(&tokens, position, after).into_iter().map(|action| (relation.clone(), action)));
            }
            if parts.len() == 2 && tokens.is_kind(after, TokenKind::LeftParenthesis) {
                effects.calls.extend(indexes.function_names.get(&name).into_iter().flatten().map(|id| (*id).clone()));
            }
        }
        position = after;
    }
    effects
}

/// What is done to the relation that is named from `start` on.
fn actions(tokens: &Tokens<'_>, start: usize, after: usize) -> Vec<Action> {
    let word = |back: usize, word: &str| start.checked_sub(back).is_some_and(|place| tokens.is(place, &[word]));
    // A type: `public.t%rowtype`, `x::public.t`.
    let is_type = tokens.text(after) == "%" || tokens.follows_kind(start, TokenKind::TypeCast);
    if is_type {
        return Vec::new();
    }
    let back = if word(1, "only") || word(1, "table") && word(2, "truncate") { 2 } else { 1 };
    if word(back, "into") && word(back + 1, "insert") {
        let mut actions = vec![Action::Insert];
        actions.extend(updates_on_conflict(tokens, after).then_some(Action::Update));
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
    let read = tokens.follows(start, &["from", "join", "using", "only", "table", "lateral", "of"])
        || tokens.follows_kind(start, TokenKind::Comma)
        || tokens.follows_kind(start, TokenKind::LeftParenthesis);
    if read { vec![Action::Select] } else { Vec::new() }
}

/// Whether an INSERT goes on with `on conflict … do update`, before its statement ends.
fn updates_on_conflict(tokens: &Tokens<'_>, start: usize) -> bool {
    let statement = (start..tokens.len()).take_while(|place| !tokens.is_kind(*place, TokenKind::Semicolon));
    statement.into_iter().any(|place| tokens.is(place, &["do"]) && tokens.is(place + 1, &["update"]))
}
