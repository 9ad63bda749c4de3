//! Functions that return a boolean and never NULL: `select exists (…)`.

use super::logic;
use super::syntax::Part;
use super::system::{Language, Subject};
use super::tokens::Tokens;
use super::variables::exists;
use crate::sql::lexer::TokenKind;

/// Whether whatever the function returns is true or false.
pub(super) fn is_total(subject: &Subject<'_>, tokens: &Tokens<'_>) -> bool {
    // A strict function is NULL where an argument is.
    if !subject.returns_boolean || subject.is_strict {
        return false;
    }
    let all = 0..tokens.len();
    match subject.language {
        Language::Sql => value(tokens, &without_semicolon(tokens, all)),
        Language::Plpgsql => {
            let mut returns = all.filter(|at| tokens.is(*at, &["return"])).peekable();
            returns.peek().is_some()
                && returns.all(|at| {
                    let end = (at..tokens.len()).find(|end| tokens.is_kind(*end, TokenKind::Semicolon));
                    end.is_some_and(|end| value(tokens, &(at + 1..end)))
                })
        }
    }
}

fn without_semicolon(tokens: &Tokens<'_>, part: Part) -> Part {
    let ends = part.end.checked_sub(1).is_some_and(|last| tokens.is_kind(last, TokenKind::Semicolon));
    part.start..part.end - usize::from(ends)
}

/// Whether a value is never NULL: `exists (…)`, `true`, `coalesce(…, false)`.
fn value(tokens: &Tokens<'_>, part: &Part) -> bool {
    let part = logic::stripped(tokens, part);
    if exists(tokens, &part).is_some() {
        return true;
    }
    let start = part.start + usize::from(tokens.is(part.start, &["select"]));
    let is_constant = |at: usize| tokens.is(at, &["true", "false"]);
    match part.end.saturating_sub(start) {
        1 => is_constant(start),
        length if length > 4 && tokens.is(start, &["coalesce"]) => {
            let is_whole = tokens.behind(start + 1, part.end) == part.end;
            is_whole && is_constant(part.end - 2) && tokens.is_kind(part.end - 3, TokenKind::Comma)
        }
        _ => false,
    }
}
