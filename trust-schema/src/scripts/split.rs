//! A script as statements, as psql splits it: at every `;` that stands neither in parentheses nor in an SQL-standard body.

use std::ops::Range;

use crate::plpgsql::syntax::Part;
use crate::plpgsql::tokens::Tokens;
use crate::sql::lexer::{TokenKind, lex};

/// The statements of a script, each as its tokens without the `;`.
pub fn statements(tokens: &Tokens<'_>) -> Vec<Part> {
    let mut statements = Vec::new();
    let (mut start, mut depth, mut blocks) = (0, 0_isize, 0_usize);
    for at in 0..tokens.len() {
        depth = (depth + tokens.turn(at)).max(0);
        if depth == 0 && creates_routine(tokens, start) {
            if tokens.is(at, &["begin"]) || blocks > 0 && tokens.is(at, &["case"]) {
                blocks += 1;
            } else if tokens.is(at, &["end"]) {
                blocks = blocks.saturating_sub(1);
            }
        }
        if depth == 0 && blocks == 0 && tokens.is_kind(at, TokenKind::Semicolon) {
            if start < at {
                statements.push(start..at);
            }
            start = at + 1;
        }
    }
    if start < tokens.len() {
        statements.push(start..tokens.len());
    }
    statements
}

fn creates_routine(tokens: &Tokens<'_>, start: usize) -> bool {
    let kind = if tokens.is(start + 1, &["or"]) { start + 3 } else { start + 1 };
    tokens.is(start, &["create"]) && tokens.is(kind, &["function", "procedure"])
}

/// The commands of psql in a script, which begin with a backslash and end with the line, and the script without them.
pub fn commands(text: &str) -> (Vec<Range<usize>>, String) {
    let mut rest = text.to_owned();
    let mut commands = Vec::new();
    // What follows a command is no SQL and may hold half a string: it is taken out before the rest is read.
    while let Some(token) = lex(&rest).tokens.into_iter().find(|token| token.kind == TokenKind::Unknown && token.text(&rest) == "\\") {
        let line = rest.get(token.start..).and_then(|behind| behind.find('\n')).map_or(rest.len(), |length| token.start + length);
        let command = rest.get(token.start..line).map_or(0, |command| command.trim_end().len());
        commands.push(token.start..token.start + command);
        rest.replace_range(token.start..line, &" ".repeat(line - token.start));
    }
    (commands, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        let tokens = Tokens::new(text).expect(text);
        statements(&tokens).iter().map(|part| &text[tokens.bytes(part)]).collect()
    }

    #[test]
    fn a_script_is_split_as_psql_splits_it() {
        assert_eq!(split("select 1; -- a; b\nselect ';';; select 2"), ["select 1", "select ';'", "select 2"]);
        assert_eq!(split("create rule r as on insert to t do also (select 1; select 2); select 3").len(), 2);
        let atomic = "create or replace function f() returns int language sql begin atomic select case when true then 1 end; select 2; end; select 3";
        assert_eq!(split(atomic).len(), 2);
        assert_eq!(split("begin; create table t (a int); end; select 1").len(), 4);
        assert_eq!(split("create function f() returns int language sql as $$ select 1; $$; select 2").len(), 2);
    }

    #[test]
    fn commands_of_psql_are_found_whatever_stands_behind_them() {
        let (found, rest) = commands("\\restrict 'abc\nselect E'\\n';\n\\echo it's \nselect 2;");
        assert_eq!(found.len(), 2);
        assert_eq!(rest.lines().map(str::trim).collect::<Vec<_>>(), ["", "select E'\\n';", "", "select 2;"]);
    }
}
