//! Statements without statements in them.

use super::syntax::{Kind, Part};
use super::tokens::Tokens;
use crate::sql::Error;
use crate::sql::lexer::TokenKind;

/// Reads one; its tokens are without the `;`.
pub(super) fn simple(tokens: &Tokens<'_>, all: Part) -> Result<Kind, Error> {
    let (start, end) = (all.start, all.end);
    if let Some((target, value)) = assignment(tokens, &all) {
        return Ok(Kind::Assign { target, value, all });
    }
    let second = |words: &[&str]| start + 1 < end && tokens.is(start + 1, words);
    let Some(verb) = tokens.word(start) else {
        return Err(Error::new(tokens.bytes(&all), "expected a statement"));
    };
    let rest = start + 1..end;
    Ok(match verb.as_str() {
        "null" if rest.is_empty() => Kind::Null,
        "exit" | "continue" => leave(tokens, &verb, rest),
        "return" if second(&["query"]) && tokens.is(start + 2, &["execute"]) => execute(tokens, Vec::new(), all),
        "return" if second(&["next", "query"]) => Kind::ReturnMore(start + 2..end),
        "return" => Kind::Return(rest),
        "raise" if second(&["notice", "warning", "info", "log", "debug"]) => Kind::RaiseNotice(rest),
        "raise" => Kind::RaiseException(rest),
        "assert" => Kind::Assert(rest),
        "perform" => Kind::Perform(rest),
        "execute" => execute(tokens, into(tokens, &all), all),
        "open" if (start..end).any(|at| tokens.is(at, &["execute"]) && tokens.follows(at, &["for"])) => execute(tokens, Vec::new(), all),
        "open" | "fetch" | "move" | "close" | "get" => {
            let mut targets = into(tokens, &all);
            if verb == "get" {
                let assigned = |at: &usize| tokens.is_operator(at + 1, &["="]) || tokens.is_kind(at + 1, TokenKind::ColonEquals);
                // Of `record.field` the record is set.
                let variable = |at: usize| if at > start + 1 && tokens.follows_kind(at, TokenKind::Dot) { at - 2 } else { at };
                targets.extend((start..end).filter(assigned).filter_map(|at| tokens.name(variable(at))));
            }
            Kind::Cursor { into: targets, all }
        }
        "commit" | "rollback" => Kind::Transaction,
        _ => Kind::Sql { into: into(tokens, &all), verb, all },
    })
}

fn execute(tokens: &Tokens<'_>, into: Vec<String>, all: Part) -> Kind {
    let word = all.clone().find(|at| tokens.is(*at, &["execute"])).unwrap_or(all.start);
    Kind::Execute { into, given: word + 1..all.end, all }
}

/// `name[.name][[…]] := value`; the target is the variable, without its fields and subscripts.
fn assignment(tokens: &Tokens<'_>, all: &Part) -> Option<(String, Part)> {
    let target = tokens.name(all.start).or_else(|| tokens.is_kind(all.start, TokenKind::Parameter).then(|| tokens.text(all.start).to_owned()))?;
    let mut at = all.start + 1;
    loop {
        if tokens.is_kind(at, TokenKind::Dot) {
            at += 2;
        } else if tokens.is_kind(at, TokenKind::LeftBracket) {
            at = tokens.behind(at, all.end);
        } else {
            break;
        }
        if at >= all.end {
            return None;
        }
    }
    let assigns = at < all.end && (tokens.is_kind(at, TokenKind::ColonEquals) || tokens.is_operator(at, &["="]));
    assigns.then_some((target, at + 1..all.end))
}

fn leave(tokens: &Tokens<'_>, verb: &str, rest: Part) -> Kind {
    let condition = rest.clone().find(|at| tokens.is(*at, &["when"]));
    let label = if condition == Some(rest.start) || rest.is_empty() { None } else { tokens.name(rest.start) };
    let when = condition.map(|at| at + 1..rest.end);
    if verb == "exit" { Kind::Exit { label, when } } else { Kind::Continue { label, when } }
}

/// The variables of `into [strict] a, b.c, d[1]`, outside of parentheses and not that of `insert into`.
fn into(tokens: &Tokens<'_>, all: &Part) -> Vec<String> {
    let mut depth = 0;
    let mut found = Vec::new();
    for at in all.clone() {
        depth += tokens.turn(at);
        if depth != 0 || !tokens.is(at, &["into"]) || tokens.follows(at, &["insert", "merge"]) || tokens.follows_kind(at, TokenKind::Dot) {
            continue;
        }
        let mut next = at + 1;
        if tokens.is(next, &["strict"]) {
            next += 1;
        }
        while let Some((parts, behind)) = tokens.dotted(next, all.end).filter(|_| next < all.end) {
            found.extend(parts.into_iter().next());
            next = behind;
            while tokens.is_kind(next, TokenKind::LeftBracket) && next < all.end {
                next = tokens.behind(next, all.end);
            }
            if !tokens.is_kind(next, TokenKind::Comma) {
                break;
            }
            next += 1;
        }
    }
    found
}
