//! What a part of a body may change, and what it calls: found from its tokens, however deep they stand. What is not known is a call that
//! somebody else must know.

use std::ops::Range;

use super::builtin;
use super::syntax::Part;
use super::tokens::Tokens;
use crate::sql::lexer::TokenKind;
use crate::sql::{builtin as catalog, keyword};

/// Something that a part does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// It changes data, locks rows, or has another effect.
    Write { bytes: Range<usize>, what: String },
    /// It calls a function that is not PostgreSQL's own.
    Call { bytes: Range<usize>, name: Vec<String> },
}

/// What a part does, in the order of the text.
pub(super) fn actions(tokens: &Tokens<'_>, part: &Part) -> Vec<Action> {
    let mut found = Vec::new();
    let mut at = part.start;
    while at < part.end {
        if let Some((what, length)) = write(tokens, at, part.end) {
            found.push(Action::Write { bytes: tokens.bytes(&(at..at + length)), what });
        }
        let Some((name, behind)) = tokens.dotted(at, part.end).filter(|_| !tokens.follows_kind(at, TokenKind::Dot)) else {
            at += 1;
            continue;
        };
        if behind < part.end && tokens.is_kind(behind, TokenKind::LeftParenthesis) && is_call(tokens, at, &name, behind, part.end) {
            called(tokens, &(at..behind), name, &mut found);
        }
        at = behind;
    }
    found
}

/// Whether a whole SQL statement with this first word changes something by itself. Those that are not known do.
pub(super) fn statement_writes(verb: &str) -> bool {
    // What these change is found among their tokens.
    !matches!(verb, "select" | "with" | "values" | "table" | "insert" | "update" | "delete" | "merge" | "show" | "call" | "")
}

/// A statement that changes data, or a lock of rows, that begins at this token.
fn write(tokens: &Tokens<'_>, at: usize, end: usize) -> Option<(String, usize)> {
    if tokens.kind(at) != Some(TokenKind::Word) || tokens.follows_kind(at, TokenKind::Dot) {
        return None;
    }
    let next = |words: &[&str]| at + 1 < end && tokens.is(at + 1, words);
    let found = |what: &str, length: usize| Some((what.to_owned(), length));
    if tokens.is(at, &["insert"]) && next(&["into"]) {
        return found("insert", 2);
    }
    if tokens.is(at, &["merge"]) && next(&["into"]) || tokens.is(at, &["merge"]) && tokens.name(at + 1).is_some() && is_first(tokens, at) {
        return found("merge", 1);
    }
    if tokens.is(at, &["delete"]) && next(&["from"]) {
        return found("delete", 2);
    }
    let locks = tokens.is(at, &["for"])
        && (next(&["update", "share"]) || next(&["no"]) && tokens.is(at + 2, &["key"]) || next(&["key"]) && tokens.is(at + 2, &["share"]));
    if locks {
        return found("lock of rows", 2);
    }
    let is_update = tokens.is(at, &["update"]) && !tokens.follows(at, &["for", "key", "do", "then"]) && tokens.name(at + 1).is_some();
    is_update.then(|| ("update".to_owned(), 1))
}

/// Whether a statement begins at this token: at the start, or behind a parenthesis.
fn is_first(tokens: &Tokens<'_>, at: usize) -> bool {
    at == 0 || tokens.follows_kind(at, TokenKind::LeftParenthesis) || tokens.follows_kind(at, TokenKind::Semicolon)
}

/// Whether `name (` is a call: not the columns of an alias or of `insert into t (…)`, and no word of the grammar.
fn is_call(tokens: &Tokens<'_>, at: usize, name: &[String], parenthesis: usize, end: usize) -> bool {
    if tokens.follows(at, &["into"]) || tokens.follows(at, &["as"]) && name.len() == 1 {
        return false;
    }
    if name.len() > 1 {
        return true;
    }
    // `from f(…) t (a, b)` and `with t (a, b) as (…)`
    let closed = tokens.behind(parenthesis, end);
    if tokens.follows_kind(at, TokenKind::RightParenthesis) || tokens.is(closed, &["as"]) && tokens.follows(at, &["with", "recursive"]) {
        return false;
    }
    if tokens.is(closed, &["as"]) && tokens.follows_kind(at, TokenKind::Comma) && tokens.is_kind(closed + 1, TokenKind::LeftParenthesis) {
        return false;
    }
    let word = tokens.kind(at) == Some(TokenKind::Word);
    let is_type = tokens.follows_kind(at, TokenKind::TypeCast) || word && catalog::type_kind(name.first().map_or("", String::as_str)).is_some();
    let known = name.first().and_then(|name| catalog::function(name)).is_some();
    let is_grammar = word && name.first().is_some_and(|name| keyword::find(name).is_some());
    known || !is_type && !is_grammar
}

fn called(tokens: &Tokens<'_>, part: &Part, name: Vec<String>, found: &mut Vec<Action>) {
    let bytes = tokens.bytes(part);
    let (schema, last) = match name.as_slice() {
        [last] => (None, last.as_str()),
        [schema, last] => (Some(schema.as_str()), last.as_str()),
        _ => return found.push(Action::Call { bytes, name }),
    };
    let is_builtin = schema == Some("pg_catalog") || schema.is_none() && catalog::function(last).is_some();
    if is_builtin {
        if builtin::has_effect(last) {
            found.push(Action::Write { bytes, what: format!("call of `{last}`") });
        }
        return;
    }
    found.push(Action::Call { bytes, name });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tokens = Tokens::new(text).expect(text);
        let all = 0..tokens.len();
        let describe = |action| match action {
            Action::Write { what, .. } => what,
            Action::Call { name, .. } => name.join("."),
        };
        actions(&tokens, &all).into_iter().map(describe).collect()
    }

    #[test]
    fn writes_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("select 1", ""),
            ("with x as (insert into t values (1) returning a) select * from x", "insert"),
            ("select * from t for no key update skip locked", "lock of rows"),
            ("select a.update, for_update from a", ""),
            ("insert into p.t (a) values (1) on conflict (a) do update set a = 2", "insert"),
            ("merge into t using s on true when matched then update set a = 1", "merge"),
            ("update t set a = 1", "update"),
            ("coalesce(nextval('s'), 1)", "call of `nextval`"),
            ("a.f(1) + g(2) + \"insert\"(3)", "a.f g insert"),
            ("select * from unnest(a) with ordinality as u (x, y), lateral b.c(x) d (e)", "b.c"),
            ("with recursive r (n) as (select 1), s (m) as (select 2) select n::numeric(5, 2) from r where n in (1)", ""),
            ("select extract(epoch from now()), 'update t', \"delete\" from d", ""),
            ("pg_catalog.set_config('a', 'b', true)", "call of `set_config`"),
            ("pg_notify('a', lo_create(0)::text)", "call of `pg_notify` call of `lo_create`"),
        ] {
            assert_eq!(found(text).join(" "), expected, "{text}");
        }
    }
}
