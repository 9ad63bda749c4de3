//! Writes that need no assertion: of rows that are the caller's by the statement's own condition, and effects that are nobody's data.

use std::ops::Range;

use super::conditions::Judge;
use super::facts::Facts;
use super::logic;
use super::syntax::Part;
use super::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// Functions of PostgreSQL whose effect concerns the caller's session, or wakes somebody up, but changes no rows.
const MINOR: &[&str] = &["nextval", "pg_notify", "set_config", "setseed"];

/// Whether a write is harmless without an assertion. It is found by its bytes, and told by its words.
pub(super) fn is_harmless(judge: &Judge<'_, '_>, bytes: &Range<usize>, what: &str) -> bool {
    let tokens = judge.tokens;
    let Some(start) = (0..tokens.len()).find(|at| tokens.bytes(&(*at..at + 1)).start == bytes.start) else { return false };
    match what {
        "lock of rows" => true,
        // A row that bears the name of whoever made it.
        "insert" => {
            let statement = begin(tokens, start)..end(tokens, start);
            judge.mentions_identity(&statement) || statement.clone().any(|at| is_own(judge, at))
        }
        "update" | "delete" => condition(tokens, start).is_some_and(|condition| is_of_caller(judge, &condition)),
        _ => what.strip_prefix("call of `").is_some_and(|name| {
            let name = name.trim_end_matches('`');
            MINOR.contains(&name) || name.starts_with("pg_advisory_") || name.starts_with("pg_try_advisory_")
        }),
    }
}

/// Where the statement begins around a token: behind a `;`, or behind what opens a block.
fn begin(tokens: &Tokens<'_>, at: usize) -> usize {
    let opens = |at: usize| tokens.is_kind(at, TokenKind::Semicolon) || tokens.is(at, &["begin", "then", "else", "loop"]);
    (0..at).rev().find(|at| opens(*at)).map_or(0, |at| at + 1)
}

/// Whether a token is a variable that holds what stands in rows of the caller.
fn is_own(judge: &Judge<'_, '_>, at: usize) -> bool {
    let tokens = judge.tokens;
    !tokens.follows_kind(at, TokenKind::Dot) && tokens.name(at).is_some_and(|name| judge.names.is_own_variable(&name))
}

/// Where the statement ends that begins at a token: at its `;`, or at the parenthesis that closes around it.
fn end(tokens: &Tokens<'_>, start: usize) -> usize {
    let mut depth = 0;
    (start..tokens.len())
        .find(|at| {
            depth += tokens.turn(*at);
            depth < 0 || depth == 0 && tokens.is_kind(*at, TokenKind::Semicolon)
        })
        .unwrap_or(tokens.len())
}

/// What stands behind WHERE.
fn condition(tokens: &Tokens<'_>, start: usize) -> Option<Part> {
    let end = end(tokens, start);
    let mut depth = 0;
    let mut begin = None;
    for at in start..end {
        depth += tokens.turn(at);
        if depth == 0 && tokens.is(at, &["where"]) {
            begin.get_or_insert(at + 1);
        }
        if depth == 0 && tokens.is(at, &["returning"]) {
            return begin.map(|begin| begin..at);
        }
    }
    begin.map(|begin| begin..end)
}

/// Whether a row satisfies the condition only if it is the caller's, or if a function or query that asks for the caller says so.
fn is_of_caller(judge: &Judge<'_, '_>, condition: &Part) -> bool {
    let tokens = judge.tokens;
    let logic = logic::read(tokens, condition);
    if judge.entitles_if_true(&logic, &Facts::default()) {
        return true;
    }
    let mut depth = 0;
    for at in condition.clone() {
        depth += tokens.turn(at);
        if depth == 0 && tokens.is(at, &["or", "not", "case"]) {
            return false;
        }
    }
    let mut depth = 0;
    let equals_own = condition.clone().any(|at| {
        depth += tokens.turn(at);
        depth == 0 && tokens.is_operator(at, &["="]) && (is_own(judge, at + 1) || at > condition.start && is_own(judge, at - 1))
    });
    if equals_own {
        return true;
    }
    // `team_id in (select m.team_id from members m where m.user_id = auth.uid())`
    condition.clone().any(|at| {
        let opens = tokens.is_kind(at, TokenKind::LeftParenthesis) && tokens.follows(at, &["in", "any", "array"]);
        let inside = at + 1..tokens.behind(at, condition.end).saturating_sub(1);
        opens && (judge.is_row_of_caller(&inside) || tokens.follows(at, &["any"]) && judge.mentions_identity(&inside))
    })
}
