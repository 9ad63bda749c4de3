//! Writes that need no assertion: of rows that are the caller's by the statement's own condition, and effects that are nobody's data.

use std::ops::Range;

use super::conditions::Judge;
use super::facts::Facts;
use super::identity::regions;
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
        "update" | "delete" => regions::condition(tokens, &(start..end(tokens, start))).is_some_and(|condition| is_of_caller(judge, &condition)),
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
    condition.clone().any(|at| {
        let before = depth;
        depth += tokens.turn(at);
        // Deeper, it may be one of several alternatives.
        if before > 0 {
            return false;
        }
        let equals_own = tokens.is_operator(at, &["="]) && (is_own(judge, at + 1) || at > condition.start && is_own(judge, at - 1));
        let opens = tokens.is_kind(at, TokenKind::LeftParenthesis)
            && (tokens.follows(at, &["in", "any"]) || at > condition.start && tokens.is_operator(at - 1, &["="]));
        equals_own || opens && is_set_of_caller(judge, &(at + 1..tokens.behind(at, condition.end).saturating_sub(1)))
    })
}

/// Whether what stands in the parentheses of `in (…)` and `= any (…)` is told by who calls: `select m.team_id from members m where m.user_id =
/// auth.uid()`, or a function that asks.
fn is_set_of_caller(judge: &Judge<'_, '_>, inside: &Part) -> bool {
    let tokens = judge.tokens;
    let is_array = tokens.is(inside.start, &["array"]) && tokens.is_kind(inside.start + 1, TokenKind::LeftParenthesis);
    let inside = if is_array { inside.start + 2..inside.end.saturating_sub(1) } else { inside.clone() };
    let is_chosen = |at: usize| {
        let name = tokens.name(at).filter(|_| !tokens.follows_kind(at, TokenKind::Dot));
        name.is_some_and(|name| judge.names.is_variable(&name) && !judge.names.is_identity_variable(&name))
    };
    let asks =
        || judge.mentions_identity(&inside) && !inside.clone().any(|at| is_chosen(at) || tokens.is(at, &["from", "case", "coalesce", "union"]));
    judge.is_row_of_caller(&inside) || asks()
}

#[cfg(test)]
mod tests {
    use crate::plpgsql::{Demand, Identities, Language, Subject, Verdict, analyse_for};

    fn subject<'a>(name: &'a str, language: Language, text: &'a str) -> Subject<'a> {
        let (is_assertion, is_strict, returns_boolean, is_exposed, is_context) = (false, false, false, false, false);
        let arguments = vec!["p_user", "p_id"];
        Subject {
            schema: "app",
            name,
            given: arguments.len(),
            arguments,
            language,
            text,
            is_assertion,
            is_strict,
            returns_boolean,
            is_exposed,
            is_context,
        }
    }

    fn needs_assertion(language: Language, text: &str) -> bool {
        let teams = "select m.team_id from app.members m where m.user_id = auth.uid()";
        let subjects = [subject("f", language, text), subject("my_teams", Language::Sql, teams)];
        let reports = analyse_for(&subjects, &Identities::default(), Demand::AssertionOrOwnRows);
        matches!(reports.first().map(|report| &report.verdict), Some(Verdict::Refuted(_)))
    }

    #[test]
    fn rows_of_the_caller_need_no_assertion() {
        for condition in [
            "owner = auth.uid()",
            "id = p_id and (select auth.uid()) = owner",
            "p_user = auth.uid() and owner = p_user",
            "team in (select m.team from app.members m where m.user_id = auth.uid())",
            "team = (select m.team from app.members m where m.user_id = auth.uid())",
            "team = any (array(select app.my_teams()))",
            "team in (select app.my_teams())",
            "exists (select 1 from app.members m where m.user_id = auth.uid() and m.team = p_id) and id = p_id",
        ] {
            assert!(!needs_assertion(Language::Sql, &format!("delete from app.t where {condition}")), "{condition}");
            assert!(!needs_assertion(Language::Sql, &format!("update app.t set a = 1 where {condition} returning id;")), "{condition}");
        }
        for body in [
            "declare v uuid := auth.uid(); begin delete from app.t where owner = v; end",
            "declare v uuid; begin select m.team into v from app.members m where m.user_id = auth.uid(); update app.t set a = 1 where team = v; end",
            "begin insert into app.t (owner, a) values (auth.uid(), p_id); end",
            "begin perform nextval('app.s'), pg_notify('a', 'b'); perform 1 from app.t for update; end",
        ] {
            assert!(!needs_assertion(Language::Plpgsql, body), "{body}");
        }
    }

    #[test]
    fn rows_of_others_do() {
        for condition in [
            "owner = p_user",
            "owner = auth.uid() or true",
            "owner <> auth.uid()",
            "not (owner = auth.uid())",
            "auth.uid() = auth.uid()",
            "auth.uid() is not null and owner = p_user",
            "owner = coalesce(auth.uid(), p_user)",
            "a = 1 and (owner = p_user or team in (select m.team from app.members m where m.user_id = auth.uid()))",
            "team = any (array[p_id, auth.uid()])",
            "team in (select m.team from app.members m where m.user_id = auth.uid() or m.team = p_id)",
            "team in (select m.team from app.members m where m.user_id = p_user)",
            "id not in (select m.team from app.members m where m.user_id = auth.uid())",
        ] {
            assert!(needs_assertion(Language::Sql, &format!("delete from app.t where {condition}")), "{condition}");
        }
        for body in [
            "delete from app.t",
            "truncate app.t",
            "insert into app.t (owner) values (p_user)",
            "select net.http_post('https://example.com')",
            "select setval('app.s', 1)",
        ] {
            assert!(needs_assertion(Language::Sql, body), "{body}");
        }
        for body in [
            "declare v uuid; begin select m.team into v from app.members m where m.team = p_id; update app.t set a = 1 where team = v; end",
            "declare v uuid := auth.uid(); begin v := p_user; delete from app.t where owner = v; end",
            "begin execute 'delete from app.t where owner = auth.uid()'; end",
        ] {
            assert!(needs_assertion(Language::Plpgsql, body), "{body}");
        }
    }
}
