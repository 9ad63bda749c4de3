//! Blocks of statements of an author (`raw` of a spec).

use std::ops::Range;

use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode;

use super::Error;
use super::body;
use super::fragment::{self, Place};
use super::identifier;
use super::lexer::{self, Token, TokenKind};

/// The longest block in bytes.
pub const MAXIMUM_STATEMENTS_LENGTH: usize = 4 * 1024 * 1024;

/// One statement of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes without the `;` at its end.
    pub range: Range<usize>,
    /// Its first two words in lower case (`create table`, `insert into`), or its first one.
    pub verb: String,
}

/// Says whether `text` is a block of complete statements that leaves the transaction to whoever runs it, and splits it: no transaction
/// control, no `SET LOCAL`, no `LOCK`, no `COPY` from or to the client, no psql command or variable, no parameter. Comments are allowed.
///
/// # Errors
/// Everything that is wrong, in the order of the text.
pub fn check_statements(text: &str) -> Result<Vec<Statement>, Vec<Error>> {
    if text.len() > MAXIMUM_STATEMENTS_LENGTH {
        let message = format!("the block has {} bytes, at most {MAXIMUM_STATEMENTS_LENGTH} are allowed", text.len());
        return Err(vec![Error::new(0..text.len(), message)]);
    }
    let mut lexed = lexer::lex(text);
    let mut errors = lexed.errors;
    errors.extend(fragment::refuse_characters(text));
    errors.extend(fragment::check_tokens(text, &lexed.tokens, Place::Script));
    lexed.tokens.retain(|token| !token.kind.is_comment());
    errors.extend(fragment::check_nesting(text, &lexed.tokens));
    if lexed.tokens.is_empty() {
        errors.push(Error::new(0..text.len(), "there is no statement"));
    }
    // Only a text that passed all this goes to the parser: the limits keep its recursion in bounds.
    fragment::finish(errors)?;
    split_and_check(text, &lexed.tokens, Place::Script)
}

/// Splits a text that has passed the checks of tokens and nesting, and checks each statement.
pub(super) fn split_and_check(text: &str, tokens: &[Token], place: Place) -> Result<Vec<Statement>, Vec<Error>> {
    let statements = split(text, tokens)?;
    let mut errors = Vec::new();
    for (statement, tokens) in &statements {
        errors.extend(check_statement(text, statement, tokens, place));
    }
    fragment::finish(errors)?;
    Ok(statements.into_iter().map(|(statement, _)| statement).collect())
}

/// The statements as the parser finds them, each with its tokens.
fn split<'a>(text: &str, tokens: &'a [Token]) -> Result<Vec<(Statement, &'a [Token])>, Vec<Error>> {
    let parse = SourceFile::parse(text);
    // What follows the first mistake of the parser is mostly its consequence.
    let errors = parse.errors().iter().take(1).map(|error| body::convert(error, 0, text)).collect();
    fragment::finish(errors)?;
    let mut statements = Vec::new();
    let mut rest = tokens;
    for node in parse.tree().stmts() {
        let range = node.syntax().text_range();
        let (start, end) = (usize::from(range.start()), usize::from(range.end()));
        rest = rest.get(rest.partition_point(|token| token.start < start)..).unwrap_or_default();
        let (inside, behind) = rest.split_at(rest.partition_point(|token| token.start < end));
        rest = behind;
        let inside = match inside.split_last() {
            Some((last, before)) if last.kind == TokenKind::Semicolon => before,
            _ => inside,
        };
        let (Some(first), Some(last)) = (inside.first(), inside.last()) else { continue };
        let words = inside.iter().take(2).take_while(|token| token.kind == TokenKind::Word);
        let verb: Vec<_> = words.map(|token| identifier::fold(token.text(text)).into_owned()).collect();
        statements.push((Statement { range: first.start..last.end, verb: verb.join(" ") }, inside));
    }
    // Nothing may hide between the statements that the parser reports.
    let covered = |token: &Token| statements.iter().any(|(statement, _)| statement.range.contains(&token.start));
    let mut position = 0;
    for token in tokens.iter().filter(|token| token.kind != TokenKind::Semicolon) {
        while statements.get(position).is_some_and(|(statement, _)| statement.range.end <= token.start) {
            position += 1;
        }
        if !statements.get(position).is_some_and(|(statement, _)| statement.range.contains(&token.start)) && !covered(token) {
            return Err(vec![Error::new(token.range(), format!("`{}` belongs to no statement", token.text(text)))]);
        }
    }
    Ok(statements)
}

/// The error of a statement that controls the transaction.
pub(super) fn transaction_control(text: &str, tokens: &[Token]) -> Option<Error> {
    let word = |position: usize| {
        let token = tokens.get(position).filter(|token| token.kind == TokenKind::Word);
        token.map(|token| identifier::fold(token.text(text))).unwrap_or_default()
    };
    // `start := 1` and `release.x := 1` are assignments to a variable of PL/pgSQL.
    let assigns = |token: &Token| matches!(token.kind, TokenKind::ColonEquals | TokenKind::Dot | TokenKind::LeftBracket) || token.text(text) == "=";
    if tokens.get(1).is_some_and(assigns) {
        return None;
    }
    let head = tokens.first()?.range();
    let (first, second) = (word(0), word(1));
    match (&*first, &*second) {
        ("begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release", _) => {
            Some(Error::new(head, format!("`{first}` controls the transaction")).with_help("whoever runs this owns its transaction; leave this out"))
        }
        ("prepare" | "set", "transaction") => Some(Error::new(head, format!("`{first} transaction` controls the transaction"))),
        ("set", "session") if word(2) == "characteristics" => Some(Error::new(head, "this changes the transactions of the session")),
        _ => None,
    }
}

/// The error of a statement whose effect ends with the transaction that runs the text.
fn lasts_for_transaction(text: &str, tokens: &[Token]) -> Option<Error> {
    let head = tokens.first()?;
    if head.is_word(text, "set") && tokens.get(1).is_some_and(|token| token.is_word(text, "local")) {
        return Some(
            Error::new(head.range(), "`set local` lasts until the end of a transaction that is not this text's own")
                .with_help("set it on the function that needs it"),
        );
    }
    head.is_word(text, "lock").then(|| {
        Error::new(head.range(), "`lock` holds until the end of a transaction that is not this text's own")
            .with_help("leave locking to the statements that need it")
    })
}

fn check_statement(text: &str, statement: &Statement, tokens: &[Token], place: Place) -> Vec<Error> {
    let error = transaction_control(text, tokens);
    let error = if place == Place::Script { error.or_else(|| lasts_for_transaction(text, tokens)) } else { error };
    if let Some(error) = error {
        return vec![error];
    }
    let has = |word: &str| tokens.iter().any(|token| token.is_word(text, word));
    let verb = statement.verb.split(' ').next().unwrap_or_default();
    let is_client = |pair: &&[Token]| match pair {
        [way, end] => (way.is_word(text, "from") || way.is_word(text, "to")) && (end.is_word(text, "stdin") || end.is_word(text, "stdout")),
        _ => false,
    };
    match verb {
        "copy" => tokens
            .windows(2)
            .filter(is_client)
            .flat_map(|pair| pair.last())
            .map(|token| Error::new(token.range(), "`copy` reads from or writes to the client").with_help("use `insert`"))
            .collect(),
        "do" if !has("language") || has("plpgsql") => {
            let block = tokens.iter().find(|token| token.kind.is_string());
            block.map(|token| check_do(text, *token)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The block of a `DO` statement is checked when it is written between dollar quotes: only then its positions are those of the text.
fn check_do(text: &str, token: Token) -> Vec<Error> {
    let written = token.text(text);
    let Some(Ok(value)) = super::value::string(token.kind, written).filter(|_| token.kind == TokenKind::DollarString) else {
        return vec![Error::new(token.range(), "the block of `DO` is not dollar-quoted").with_help("write do $$ begin … end $$")];
    };
    let offset = token.start + (written.len() - value.len()) / 2;
    match body::check_plpgsql(&value) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|error| error.moved_by(offset)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verbs(text: &str) -> Vec<String> {
        check_statements(text).expect(text).into_iter().map(|statement| statement.verb).collect()
    }

    #[test]
    fn blocks_are_split() {
        assert_eq!(verbs("create table t (a int); insert into t values (1);"), ["create table", "insert into"]);
        assert_eq!(verbs("-- why; not\nselect 1"), ["select"]);
        assert_eq!(verbs(";; select 1 ;;"), ["select"]);
        assert_eq!(
            verbs("create function f() returns int language sql begin atomic select 1; select 2; end; select 3"),
            ["create function", "select"]
        );
        assert_eq!(verbs("do $$ begin perform 1; end $$"), ["do"]);
        assert_eq!(verbs("create function f() returns int language sql as $$ commit $$"), ["create function"]);
        let text = "select ';' ; /* x; */ select 2";
        let ranges: Vec<_> = check_statements(text).expect(text).into_iter().map(|statement| statement.range).collect();
        assert_eq!(ranges.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>(), ["select ';'", "select 2"]);
    }

    #[test]
    fn what_reaches_outside_is_refused() {
        for (text, start, message) in [
            ("begin", 0, "controls the transaction"),
            ("select 1; COMMIT; select 2", 10, "controls the transaction"),
            ("start transaction", 0, "controls"),
            ("rollback to savepoint a", 0, "controls"),
            ("savepoint a", 0, "controls"),
            ("release savepoint a", 0, "controls"),
            ("end", 0, "controls"),
            ("abort", 0, "controls"),
            ("/* x */ prepare transaction 'x'", 8, "controls"),
            ("commit prepared 'x'", 0, "controls"),
            ("set transaction isolation level serializable", 0, "controls"),
            ("set local lock_timeout = '1s'", 0, "set local"),
            ("lock table t", 0, "lock"),
            ("lock t in share mode", 0, "lock"),
            ("copy t from stdin", 12, "copy"),
            ("copy t (a) to stdout", 14, "copy"),
            ("\\i x.sql", 0, "psql command"),
            ("select :x", 7, "psql variable"),
            ("select $1", 7, "parameter"),
            ("select 1 \\gexec", 9, "psql command"),
            ("select (1", 7, "not closed"),
            ("selec 1", 0, ""),
            ("", 0, "no statement"),
            ("-- nothing", 0, "no statement"),
            ("do 'begin end'", 3, "dollar-quoted"),
            ("do $$ begin commit; end $$", 12, "transaction"),
        ] {
            let errors = check_statements(text).expect_err(text);
            assert!(errors.iter().any(|error| error.range.start == start && error.message.contains(message)), "{text}: {errors:?}");
        }
    }
}
