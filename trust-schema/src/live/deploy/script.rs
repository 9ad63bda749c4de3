//! A file of SQL as its statements: what each does to the transaction around it, and which names it uses.
//!
//! Statements are found by tokens alone, so that files of any author and size can be read; what is no SQL is left for the server to refuse.

use std::ops::Range;

use super::Stop;
use crate::live::prove::Place;
use crate::sql::lexer::{Token, TokenKind, lex};

/// One statement of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes in the file, without the `;` behind it and the comments before it.
    pub range: Range<usize>,
    /// Its text.
    pub text: String,
    /// How it is run.
    pub manner: Manner,
}

/// How a statement is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manner {
    /// In a transaction, with its neighbours.
    Together,
    /// By itself: PostgreSQL refuses it in a transaction.
    Alone(Alone),
}

/// A statement that PostgreSQL refuses in a transaction. An interruption leaves something behind, which depends on what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alone {
    /// `CREATE INDEX CONCURRENTLY`: leaves an invalid index.
    CreateIndex { name: String, table: Vec<String>, if_not_exists: bool },
    /// `DROP INDEX CONCURRENTLY`: leaves an invalid index.
    DropIndex { names: Vec<Vec<String>> },
    /// `REINDEX … CONCURRENTLY`: leaves invalid copies named `…_ccnew` or `…_ccold`.
    Reindex,
    /// `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`: leaves a partition that is about to be detached.
    Detach { table: Vec<String>, partition: Vec<String> },
    /// `VACUUM`: leaves nothing.
    Vacuum,
    /// `DO $backfill$ … COMMIT … $backfill$`: leaves what it has written. Run again, it goes on; the name of its quotes says so.
    Backfill,
}

/// The statements of a file, in their order.
///
/// # Errors
/// Where it cannot be read, or holds a statement that a migration may not hold.
pub fn statements(path: &str, text: &str) -> Result<Vec<Statement>, Stop> {
    let place = |offset: usize| Some(Box::new(place(path, text, offset)));
    if text.starts_with('\u{feff}') {
        return Err(Stop { place: place(0), ..Stop::new("unreadable-file", format!("{path} begins with a byte order mark")) }
            .help("write the file again: `trust-schema generate`"));
    }
    let lexed = lex(text);
    if let Some(error) = lexed.errors.first() {
        let stop = Stop::new("unreadable-file", format!("{path} is no SQL: {}", error.message));
        return Err(Stop { place: place(error.range.start), ..stop }.help("write the file again: `trust-schema generate`"));
    }
    let tokens: Vec<Token> = lexed.tokens.into_iter().filter(|token| !token.kind.is_comment()).collect();
    let mut statements = Vec::new();
    for part in split(text, &tokens) {
        let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
        let manner = manner(&Reader { text, tokens: part }).map_err(|why| Stop { place: place(first.start), ..why })?;
        let range = first.start..last.end;
        statements.push(Statement { text: text.get(range.clone()).unwrap_or_default().to_owned(), range, manner });
    }
    Ok(statements)
}

/// The tokens of each statement. A `;` in parentheses (rules) or in a body `BEGIN ATOMIC … END` does not end one.
fn split<'t>(text: &str, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    let (mut parts, mut start, mut depth, mut atomic) = (Vec::new(), 0, 0_usize, 0_usize);
    for (position, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LeftParenthesis => depth += 1,
            TokenKind::RightParenthesis => depth = depth.saturating_sub(1),
            TokenKind::Word
                if token.is_word(text, "atomic") && position > 0 && tokens.get(position - 1).is_some_and(|t| t.is_word(text, "begin")) =>
            {
                atomic = 1;
            }
            TokenKind::Word if atomic > 0 && token.is_word(text, "case") => atomic += 1,
            TokenKind::Word if atomic > 0 && token.is_word(text, "end") => atomic -= 1,
            TokenKind::Semicolon if depth == 0 && atomic == 0 => {
                parts.extend(tokens.get(start..position));
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.extend(tokens.get(start..));
    parts
}

/// Statements that would take the transaction, or the session, out of the hands of whoever applies the file.
const TRANSACTION_CONTROL: [&[&str]; 12] = [
    &["begin"],
    &["start", "transaction"],
    &["commit"],
    &["end"],
    &["rollback"],
    &["abort"],
    &["savepoint"],
    &["release"],
    &["prepare", "transaction"],
    &["set", "transaction"],
    &["discard"],
    &["set", "session", "authorization"],
];

/// Statements that cannot be in a transaction, and cannot be taken up again after an interruption either.
const NEVER: [&[&str]; 9] = [
    &["create", "database"],
    &["drop", "database"],
    &["create", "tablespace"],
    &["drop", "tablespace"],
    &["alter", "system"],
    &["create", "subscription"],
    &["drop", "subscription"],
    &["reindex", "database"],
    &["reindex", "system"],
];

fn manner(reader: &Reader<'_>) -> Result<Manner, Stop> {
    let begins = |words: &&[&str]| words.iter().enumerate().all(|(position, word)| reader.is(position, word));
    if let Some(words) = TRANSACTION_CONTROL.iter().find(|words| begins(words)) {
        return Err(Stop::new("transaction-control", format!("`{}` has no place in a migration", words.join(" ").to_uppercase()))
            .help("whoever applies a file owns its transaction: take the statement out"));
    }
    if let Some(words) = NEVER.iter().find(|words| begins(words)) {
        return Err(Stop::new(
            "never-in-migration",
            format!("`{}` can be neither in a transaction nor taken up again", words.join(" ").to_uppercase()),
        )
        .help("run it by hand, before or after"));
    }
    if reader.is(0, "copy") && reader.has("stdin") {
        return Err(Stop::new("never-in-migration", "`COPY … FROM STDIN` needs a client that sends data").help("write INSERT statements"));
    }
    if reader.tokens.first().is_some_and(|token| token.kind == TokenKind::Unknown) {
        return Err(Stop::new("never-in-migration", "a command of psql, or something that is no SQL").help("take it out"));
    }
    let concurrently = reader.has("concurrently");
    let alone = if reader.is(0, "vacuum") {
        Alone::Vacuum
    } else if is_backfill(reader) {
        Alone::Backfill
    } else if !concurrently {
        return Ok(Manner::Together);
    } else if reader.is(0, "create") && (reader.is(1, "index") || (reader.is(1, "unique") && reader.is(2, "index"))) {
        create_index(reader)?
    } else if reader.is(0, "drop") && reader.is(1, "index") && reader.is(2, "concurrently") {
        Alone::DropIndex { names: reader.list(reader.skip_words(3, &["if", "exists"])) }
    } else if reader.is(0, "reindex") {
        Alone::Reindex
    } else if reader.is(0, "alter") && reader.is(1, "table") && reader.has("detach") {
        let (table, _) = reader.name(reader.skip_words(2, &["if", "exists", "only"]));
        let partition = reader.position("partition").map_or_else(Vec::new, |place| reader.name(place + 1).0);
        Alone::Detach { table, partition }
    } else {
        // REFRESH MATERIALIZED VIEW CONCURRENTLY is allowed in a transaction.
        return Ok(Manner::Together);
    };
    Ok(Manner::Alone(alone))
}

fn is_backfill(reader: &Reader<'_>) -> bool {
    let Some(body) = reader.tokens.get(1).filter(|body| reader.is(0, "do") && body.kind == TokenKind::DollarString) else { return false };
    let text = body.text(reader.text);
    let Some(body) = text.strip_prefix("$backfill$").and_then(|body| body.strip_suffix("$backfill$")) else { return false };
    lex(body).tokens.iter().any(|token| token.is_word(body, "commit"))
}

fn create_index(reader: &Reader<'_>) -> Result<Alone, Stop> {
    let Some(place) = reader.position("concurrently") else { return Ok(Alone::Vacuum) };
    let after = reader.skip_words(place + 1, &["if", "not", "exists"]);
    let if_not_exists = after > place + 1;
    if reader.is(after, "on") {
        return Err(Stop::new("unnamed-index", "an index that is built concurrently needs a name")
            .help("without one, what an interruption leaves behind cannot be found"));
    }
    let (name, next) = reader.name(after);
    let (table, _) = reader.name(reader.skip_words(next, &["on", "only"]));
    match name.last() {
        Some(name) if !table.is_empty() => Ok(Alone::CreateIndex { name: name.clone(), table, if_not_exists }),
        _ => Err(Stop::new("unreadable-file", "a CREATE INDEX CONCURRENTLY that cannot be read")),
    }
}

/// The tokens of one statement, without comments.
pub(super) struct Reader<'t> {
    pub text: &'t str,
    pub tokens: &'t [Token],
}

impl Reader<'_> {
    /// Whether the token at a place is this key word.
    pub fn is(&self, position: usize, word: &str) -> bool {
        self.tokens.get(position).is_some_and(|token| token.is_word(self.text, word))
    }

    /// Whether the key words stand there one after the other.
    pub fn are(&self, position: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(offset, word)| self.is(position + offset, word))
    }

    /// Whether a key word stands anywhere in it.
    pub fn has(&self, word: &str) -> bool {
        self.position(word).is_some()
    }

    /// Where a key word stands first.
    pub fn position(&self, word: &str) -> Option<usize> {
        self.tokens.iter().position(|token| token.is_word(self.text, word))
    }

    /// The place behind any of these words.
    pub fn skip_words(&self, mut position: usize, words: &[&str]) -> usize {
        while words.iter().any(|word| self.is(position, word)) {
            position += 1;
        }
        position
    }

    /// The parts of a name, and the place behind it.
    pub fn name(&self, mut position: usize) -> (Vec<String>, usize) {
        let mut parts = Vec::new();
        while let Some(token) = self.tokens.get(position) {
            let written = token.text(self.text);
            match token.kind {
                TokenKind::Word => parts.push(written.to_ascii_lowercase()),
                TokenKind::QuotedName => {
                    let name = written.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(written);
                    parts.push(name.replace("\"\"", "\""));
                }
                _ => break,
            }
            position += 1;
            if self.tokens.get(position).is_none_or(|token| token.kind != TokenKind::Dot) {
                break;
            }
            position += 1;
        }
        (parts, position)
    }

    /// Names between commas.
    pub fn list(&self, mut position: usize) -> Vec<Vec<String>> {
        let mut names = Vec::new();
        loop {
            let (name, next) = self.name(position);
            if name.is_empty() {
                return names;
            }
            names.push(name);
            if self.tokens.get(next).is_none_or(|token| token.kind != TokenKind::Comma) {
                return names;
            }
            position = next + 1;
        }
    }
}

/// The tokens of a statement's text, without comments.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    lex(text).tokens.into_iter().filter(|token| !token.kind.is_comment()).collect()
}

/// What a text says, whatever its comments, line ends and spaces: its tokens, one a line.
pub fn essence(text: &str) -> String {
    let mut essence = String::with_capacity(text.len());
    for token in tokens(text).into_iter().filter(|token| token.kind != TokenKind::Semicolon) {
        essence.push_str(token.text(text));
        essence.push('\n');
    }
    essence
}

/// A place of a file, for people.
pub(super) fn place(path: &str, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind("\n\n").map_or(0, |end| end + 2);
    let head = text.get(start..).and_then(|paragraph| paragraph.lines().next());
    Place {
        file: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        object: head.and_then(|line| line.strip_prefix("-- ")).map(str::to_owned),
        statement: text.get(offset..).and_then(|rest| rest.lines().next()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        statements("f.sql", text).expect("statements").into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn statements_end_where_postgresql_ends_them() {
        assert_eq!(texts("select 1; -- a;b\n/* ; */ select ';';;"), ["select 1", "select ';'"]);
        let body = "create function f() returns int begin atomic select 1; select case when true then 2 end; end";
        assert_eq!(texts(&format!("{body};select 3")), [body, "select 3"]);
        assert_eq!(texts("create rule r as on insert to t do (select 1; select 2); select 3").len(), 2);
        assert_eq!(texts("do $x$ begin perform 1; end $x$"), ["do $x$ begin perform 1; end $x$"]);
    }

    #[test]
    fn what_runs_alone_is_known() {
        let manner = |text: &str| statements("f.sql", text).expect("a statement").remove(0).manner;
        let name = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        for (text, expected) in [
            ("create index i on t (a)", Manner::Together),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I\"\"x\" ON ONLY public.t (a)",
                Manner::Alone(Alone::CreateIndex { name: "I\"x".to_owned(), table: name("public.t"), if_not_exists: true }),
            ),
            ("drop index concurrently if exists a.b, c", Manner::Alone(Alone::DropIndex { names: vec![name("a.b"), name("c")] })),
            ("reindex (verbose) index concurrently a.b", Manner::Alone(Alone::Reindex)),
            ("alter table a.b detach partition a.c concurrently", Manner::Alone(Alone::Detach { table: name("a.b"), partition: name("a.c") })),
            ("vacuum analyze t", Manner::Alone(Alone::Vacuum)),
            ("refresh materialized view concurrently m", Manner::Together),
        ] {
            assert_eq!(manner(text), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_place_in_a_migration_is_refused() {
        for (text, code) in [
            ("begin; select 1", "transaction-control"),
            ("select 1; commit", "transaction-control"),
            ("create database d", "never-in-migration"),
            ("copy t from stdin", "never-in-migration"),
            ("\\i other.sql", "never-in-migration"),
            ("create index concurrently on t (a)", "unnamed-index"),
            ("select 'open", "unreadable-file"),
            ("\u{feff}select 1", "unreadable-file"),
        ] {
            assert_eq!(statements("f.sql", text).expect_err(text).code, code, "{text}");
        }
    }

    #[test]
    fn comments_and_spaces_are_not_essential() {
        assert_eq!(essence("-- a\nselect  1;\r\nselect 2"), essence("select 1;select /* b */ 2;"));
        assert_ne!(essence("select 'a  b'"), essence("select 'a b'"));
    }
}
