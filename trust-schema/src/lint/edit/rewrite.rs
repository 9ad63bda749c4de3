//! Other ways to write a text of SQL that mean the same, or refuse more. All of them look at PostgreSQL's tokens, never into strings or comments.

use std::ops::Range;

use crate::plpgsql::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// Bytes of a text, and what stands there afterwards.
pub type Replacement = (Range<usize>, String);

/// A call in a text: its tokens, from the name to the closing parenthesis.
struct Call {
    tokens: Range<usize>,
    /// Number of sub-queries around it.
    inside: usize,
    /// Its arguments, one range of tokens each.
    arguments: Vec<Range<usize>>,
}

fn tokens(text: &str) -> Option<Tokens<'_>> {
    Tokens::new(text).ok()
}

/// The calls of a function: `auth.uid`, or `current_setting` with or without its schema.
fn calls(tokens: &Tokens<'_>, wanted: impl Fn(Option<&str>, &str) -> bool) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut open: Vec<bool> = Vec::new();
    for at in 0..tokens.len() {
        match tokens.kind(at) {
            Some(TokenKind::LeftParenthesis) => open.push(tokens.is(at + 1, &["select", "with"])),
            Some(TokenKind::RightParenthesis) => {
                open.pop();
            }
            Some(TokenKind::Word) if !tokens.follows_kind(at, TokenKind::Dot) => {
                let Some((path, behind)) = tokens.dotted(at, tokens.len()) else { continue };
                let (schema, name) = match path.as_slice() {
                    [name] => (None, name),
                    [schema, name] => (Some(schema.as_str()), name),
                    _ => continue,
                };
                if !tokens.is_kind(behind, TokenKind::LeftParenthesis) || !wanted(schema, name) {
                    continue;
                }
                let end = tokens.behind(behind, tokens.len());
                calls.push(Call {
                    tokens: at..end,
                    inside: open.iter().filter(|is_query| **is_query).count(),
                    arguments: arguments(tokens, behind + 1..end.saturating_sub(1)),
                });
            }
            _ => {}
        }
    }
    calls
}

fn arguments(tokens: &Tokens<'_>, part: Range<usize>) -> Vec<Range<usize>> {
    let mut arguments = Vec::new();
    let (mut depth, mut start) = (0, part.start);
    for at in part.clone() {
        depth += tokens.turn(at);
        if depth == 0 && tokens.is_kind(at, TokenKind::Comma) {
            arguments.push(start..at);
            start = at + 1;
        }
    }
    if start < part.end {
        arguments.push(start..part.end);
    }
    arguments
}

fn is_setting(schema: Option<&str>, name: &str) -> bool {
    matches!(schema, None | Some("pg_catalog")) && name == "current_setting"
}

/// Puts something around tokens.
fn around(tokens: &Tokens<'_>, part: &Range<usize>, before: &str, behind: &str) -> [Replacement; 2] {
    let bytes = tokens.bytes(part);
    [(bytes.start..bytes.start, before.to_owned()), (bytes.end..bytes.end, behind.to_owned())]
}

/// `auth.uid()` becomes `(select auth.uid())`, where no sub-query is around it.
pub fn wrap_session_calls(text: &str) -> Vec<Replacement> {
    let Some(tokens) = tokens(text) else { return Vec::new() };
    let wanted =
        |schema: Option<&str>, name: &str| is_setting(schema, name) || (schema == Some("auth") && matches!(name, "uid" | "role" | "email" | "jwt"));
    let bare = calls(&tokens, wanted).into_iter().filter(|call| call.inside == 0);
    bare.flat_map(|call| around(&tokens, &call.tokens, "(select ", ")")).collect()
}

/// `current_setting('app.x', true)::uuid` becomes `nullif(current_setting('app.x', true), '')::uuid`.
pub fn nullify_settings(text: &str) -> Vec<Replacement> {
    let Some(tokens) = tokens(text) else { return Vec::new() };
    let is_cast = |call: &Call| {
        let mut behind = call.tokens.end;
        while tokens.is_kind(behind, TokenKind::RightParenthesis) {
            behind += 1;
        }
        // To a text an empty one is none the less a text.
        let is_text = tokens.is(behind + 1, &["text", "varchar"]);
        (tokens.is_kind(behind, TokenKind::TypeCast) || tokens.is(behind, &["as"])) && !is_text
    };
    let casts: Vec<Call> = calls(&tokens, is_setting).into_iter().filter(is_cast).collect();
    casts.iter().flat_map(|call| around(&tokens, &call.tokens, "nullif(", ", '')")).collect()
}

/// `current_setting('app.x')` becomes `current_setting('app.x', true)`.
pub fn allow_missing_settings(text: &str) -> Vec<Replacement> {
    let Some(tokens) = tokens(text) else { return Vec::new() };
    let mut replacements = Vec::new();
    for call in calls(&tokens, is_setting) {
        let [name] = call.arguments.as_slice() else { continue };
        // PostgreSQL's own settings have no dot, and are always there.
        if tokens.text.get(tokens.bytes(name)).is_some_and(|name| name.contains('.')) {
            let end = tokens.bytes(name).end;
            replacements.push((end..end, ", true".to_owned()));
        }
    }
    replacements
}

/// `x in (select …)` and `x = (select … from …)` become `x = any (array(select …))`: the same rows, and no error where there are two of them.
pub fn select_into_array(text: &str) -> Vec<Replacement> {
    let Some(tokens) = tokens(text) else { return Vec::new() };
    let mut replacements = Vec::new();
    for at in 0..tokens.len() {
        let is_in = tokens.is(at, &["in"]) && !tokens.follows(at, &["not"]);
        let is_query = tokens.is_kind(at + 1, TokenKind::LeftParenthesis) && tokens.is(at + 2, &["select"]);
        // `(a, b) in (select …)` compares rows, which make no array.
        let is_row = tokens.follows_kind(at, TokenKind::RightParenthesis);
        if is_row || !is_query || !(is_in || tokens.is_operator(at, &["="])) {
            continue;
        }
        let query = at + 1..tokens.behind(at + 1, tokens.len());
        // Without a relation it is one row.
        let has_rows = is_in || query.clone().any(|at| tokens.is(at, &["from"]));
        if has_rows {
            let (sign, bytes) = (tokens.bytes(&(at..at + 1)), tokens.bytes(&query));
            replacements.push((sign.start..bytes.start, "= any (array".to_owned()));
            replacements.push((bytes.end..bytes.end, ")".to_owned()));
        }
    }
    replacements
}

/// `'now'::timestamptz` becomes `now()`, `'today'::date` becomes `current_date`.
pub fn thaw_now(text: &str) -> Vec<Replacement> {
    let replacement = match text.trim().to_ascii_lowercase().as_str() {
        "'now'" | "'now'::timestamptz" | "'now'::timestamp with time zone" => "now()",
        "'today'::date" => "current_date",
        _ => return Vec::new(),
    };
    let start = text.len() - text.trim_start().len();
    vec![(start..start + text.trim().len(), replacement.to_owned())]
}

/// A condition in which `<>` and `!=` are `is distinct from`; none where `=` would have to be changed, too, or where it has none of them.
pub fn distinct(condition: &str) -> Option<String> {
    let tokens = tokens(condition)?;
    let mut text = String::new();
    let mut from = 0;
    for at in 0..tokens.len() {
        if tokens.is(at, &["not"]) {
            return None;
        }
        if tokens.is_operator(at, &["<>", "!="]) {
            let bytes = tokens.bytes(&(at..at + 1));
            let gap = |is_there: bool| if is_there { " " } else { "" };
            let before = condition.get(from..bytes.start)?;
            let behind = condition.get(bytes.end..)?;
            text.push_str(before);
            text.push_str(gap(!before.ends_with(char::is_whitespace)));
            text.push_str("is distinct from");
            text.push_str(gap(!behind.starts_with(char::is_whitespace)));
            from = bytes.end;
        }
    }
    text.push_str(condition.get(from..)?);
    (from > 0).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str, rewrite: fn(&str) -> Vec<Replacement>) -> String {
        let mut replacements = rewrite(text);
        replacements.sort_by_key(|(range, _)| (range.start, range.end));
        let mut rewritten = text.to_owned();
        for (range, replacement) in replacements.into_iter().rev() {
            rewritten.replace_range(range, &replacement);
        }
        rewritten
    }

    #[test]
    fn texts_are_written_another_way() {
        for (rewrite, before, after) in [
            (wrap_session_calls as fn(&str) -> Vec<Replacement>, "a = auth.uid()", "a = (select auth.uid())"),
            (wrap_session_calls, "a = (select auth.uid()) or b = AUTH.UID()", "a = (select auth.uid()) or b = (select AUTH.UID())"),
            (wrap_session_calls, "a = 'auth.uid()' -- auth.uid()", "a = 'auth.uid()' -- auth.uid()"),
            (wrap_session_calls, "((auth.jwt() ->> 'x')::uuid = a)", "(((select auth.jwt()) ->> 'x')::uuid = a)"),
            (nullify_settings, "current_setting('a.b', true)::uuid = x", "nullif(current_setting('a.b', true), '')::uuid = x"),
            (nullify_settings, "(pg_catalog.current_setting('a.b'))::int = x", "(nullif(pg_catalog.current_setting('a.b'), ''))::int = x"),
            (nullify_settings, "cast(current_setting('a.b') as uuid) = x", "cast(nullif(current_setting('a.b'), '') as uuid) = x"),
            (nullify_settings, "nullif(current_setting('a.b'), '')::uuid = x", "nullif(current_setting('a.b'), '')::uuid = x"),
            (nullify_settings, "current_setting('a.b', true)::text = x", "current_setting('a.b', true)::text = x"),
            (allow_missing_settings, "current_setting('a.b') = x", "current_setting('a.b', true) = x"),
            (allow_missing_settings, "current_setting('role') = x", "current_setting('role') = x"),
            (allow_missing_settings, "current_setting('a.b', false) = x", "current_setting('a.b', false) = x"),
            (select_into_array, "a in (select b from c)", "a = any (array(select b from c))"),
            (select_into_array, "a not in (select b from c)", "a not in (select b from c)"),
            (select_into_array, "(a, b) in (select c, d from e)", "(a, b) in (select c, d from e)"),
            (select_into_array, "a=(select b from c) and d = (select f())", "a= any (array(select b from c)) and d = (select f())"),
            (thaw_now, " 'now'::timestamptz", " now()"),
            (thaw_now, "'now'::text", "'now'::text"),
        ] {
            assert_eq!(rewritten(before, rewrite), after, "{before}");
        }
        assert_eq!(distinct("a<>b and c != d").as_deref(), Some("a is distinct from b and c is distinct from d"));
        assert_eq!(distinct("not (a = b)"), None);
        assert_eq!(distinct("a = b"), None);
    }
}
