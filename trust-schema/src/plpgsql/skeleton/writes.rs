//! What a statement writes into which column.

use super::text::outside;
use crate::plpgsql::syntax::Part;
use crate::plpgsql::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// A value, and the columns into which it goes; several where a query gives them.
pub struct Write {
    pub columns: Vec<String>,
    pub value: Part,
}

/// Where what is written ends.
const ENDS: [&str; 13] = ["from", "where", "returning", "group", "having", "order", "limit", "offset", "union", "on", "when", "window", "set"];

/// What the statement itself writes. What one inside of it does (`with … as (insert …)`) is a part of its text.
pub fn writes(tokens: &Tokens<'_>, all: &Part) -> Vec<Write> {
    let mut found = Vec::new();
    let positions: Vec<usize> = outside(tokens, all).collect();
    let is_insert = tokens.is(all.start, &["insert"]);
    for (place, at) in positions.iter().copied().enumerate() {
        let end = || end(tokens, positions.iter().skip(place + 1).copied()).unwrap_or(all.end);
        if tokens.is(at, &["set"]) {
            found.extend(items(tokens, at + 1..end()).into_iter().filter_map(|item| assigned(tokens, item)));
        } else if tokens.is(at, &["values"]) {
            let columns = columns(tokens, all, at);
            for row in items(tokens, at + 1..end()) {
                found.extend(row_of(tokens, &columns, inside(row)));
            }
        } else if is_insert && tokens.is(at, &["select"]) && !positions.iter().take(place).any(|at| tokens.is(*at, &["select"])) {
            let start = if tokens.is(at + 1, &["all", "distinct"]) { at + 2 } else { at + 1 };
            found.extend(row_of(tokens, &columns(tokens, all, at), start..end()));
        }
    }
    found
}

/// The first position that ends a list of values: neither `when` within CASE nor `is distinct from`.
fn end(tokens: &Tokens<'_>, mut positions: impl Iterator<Item = usize>) -> Option<usize> {
    let mut cases = 0;
    positions.find(|at| {
        cases += i32::from(tokens.is(*at, &["case"])) - i32::from(tokens.is(*at, &["end"]));
        cases == 0 && tokens.is(*at, &ENDS) && !tokens.follows(*at, &["distinct"])
    })
}

/// Without the parentheses around it.
fn inside(part: Part) -> Part {
    part.start + 1..part.end.saturating_sub(1).max(part.start + 1)
}

/// The parts between commas.
fn items(tokens: &Tokens<'_>, part: Part) -> Vec<Part> {
    let mut items = Vec::new();
    let mut start = part.start;
    for at in outside(tokens, &part).filter(|at| tokens.is_kind(*at, TokenKind::Comma)).chain([part.end]) {
        if start < at {
            items.push(start..at);
        }
        start = at + 1;
    }
    items
}

/// `column = value`, or `(columns) = (…)`.
fn assigned(tokens: &Tokens<'_>, item: Part) -> Option<Write> {
    let sign = outside(tokens, &item).find(|at| tokens.is_operator(*at, &["="]))?;
    Some(Write { columns: names(tokens, item.start..sign), value: sign + 1..item.end })
}

/// Names between commas, and between parentheses or not.
fn names(tokens: &Tokens<'_>, part: Part) -> Vec<String> {
    let part = if tokens.is_kind(part.start, TokenKind::LeftParenthesis) { inside(part) } else { part };
    items(tokens, part).into_iter().filter_map(|item| tokens.name(item.start)).collect()
}

/// The columns that stand in front of VALUES or SELECT.
fn columns(tokens: &Tokens<'_>, all: &Part, behind: usize) -> Vec<String> {
    let mut start = behind;
    // `overriding system value` may stand in between.
    while start > all.start && tokens.follows(start, &["overriding", "system", "user", "value"]) {
        start -= 1;
    }
    if !tokens.follows_kind(start, TokenKind::RightParenthesis) {
        return Vec::new();
    }
    let opens = (all.start..start).rev().find(|at| tokens.is_kind(*at, TokenKind::LeftParenthesis) && tokens.behind(*at, start) == start);
    opens.map(|opens| names(tokens, opens..start)).unwrap_or_default()
}

/// The values of a row, each with its column; without a list of columns all of them are one.
fn row_of(tokens: &Tokens<'_>, columns: &[String], row: Part) -> Vec<Write> {
    let values = items(tokens, row);
    columns.iter().zip(values).map(|(column, value)| Write { columns: vec![column.clone()], value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let tokens = Tokens::new(text).expect(text);
        let all = 0..tokens.len();
        let written = |write: Write| format!("{}={}", write.columns.join(","), text.get(tokens.bytes(&write.value)).unwrap_or_default());
        writes(&tokens, &all).into_iter().map(written).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn every_form_of_a_write_is_read() {
        for (text, expected) in [
            ("update public.t set a = x, b = f(y, z) from u where a = 1", "a=x; b=f(y, z)"),
            ("update t set (a, b) = (select x, y from u) where c", "a,b=(select x, y from u)"),
            ("insert into public.t (a, \"B\") values (x, y), (z, default)", "a=x; B=y; a=z; B=default"),
            (
                "insert into t as n (a, b) overriding system value values (x, coalesce(y, 1)) on conflict (a) do update set b = excluded.b where n.c",
                "a=x; b=coalesce(y, 1); b=excluded.b",
            ),
            ("insert into t (a, b) select distinct x, y from u where z union select 1, 2", "a=x; b=y"),
            ("insert into t (a) select x", "a=x"),
            ("update t set a = case when x then y end, b = c is distinct from d from u", "a=case when x then y end; b=c is distinct from d"),
            ("insert into t values (x)", ""),
            (
                "merge into t using u on t.a = u.a when matched then update set b = u.b when not matched then insert (a, b) values (u.a, x)",
                "b=u.b; a=u.a; b=x",
            ),
            ("delete from t where a = 1", ""),
            ("select a from t where b = c", ""),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
