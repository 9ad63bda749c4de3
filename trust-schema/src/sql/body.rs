//! Bodies of functions: PL/pgSQL blocks and SQL.
//!
//! A PL/pgSQL body is put inside another block, behind the assertions of its guard. So it must be exactly one complete block: then no
//! declaration, handler or statement of it can run outside of what surrounds it. `blocks` decides that from tokens, the
//! way PL/pgSQL itself reads; `squawk-syntax` then looks at the SQL inside.

use std::ops::Range;

use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::syntax_error::SyntaxError;

use super::Error;
use super::bare_names::{self, BareName};
use super::blocks::{self, Simple};
use super::fragment::{self, Place};
use super::lexer::{self, Token, TokenKind};
use super::literal;
use super::raise::{self, Raise};
use super::statements;
use super::value;

/// The longest body in bytes.
pub const MAXIMUM_BODY_LENGTH: usize = 1024 * 1024;

/// What a body holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// Every name with a dot in it, in the order of the text: relations, functions, types, and columns with their table.
    pub references: Vec<Reference>,
    /// Names without a schema that are called or stand where a table stands, in the order of the text.
    pub bare_names: Vec<BareName>,
    /// Every RAISE statement, in the order of the text.
    pub raises: Vec<Raise>,
    /// The statements of the outermost block, or of the SQL body; those of its handlers are not among them.
    pub statements: Vec<TopLevel>,
    /// The bytes from the first token to the last, without the `;` at the end and without comments before and behind. To put a body inside
    /// another one, write these bytes and then `;`: behind the whole text a `;` could end up in a comment of its last line.
    pub block: Range<usize>,
    /// Whether SQL is put together at run time: EXECUTE, also in a loop, `return query execute` and `open … for execute`.
    pub has_dynamic_sql: bool,
}

/// A name with a dot in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its parts without quotes, at least two; an unquoted one is folded.
    pub parts: Vec<String>,
    /// Its bytes.
    pub range: Range<usize>,
    /// A parenthesis follows: a function, a type with modifiers, or a table with a list of columns.
    pub is_called: bool,
}

/// A statement of the outermost block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopLevel {
    /// Its first word, folded: `perform`, `if`, `insert`, `begin` (a nested block), `loop`; of an assignment the name of the variable.
    pub verb: String,
    /// Its bytes without the `;` at its end.
    pub range: Range<usize>,
}

/// Says whether `text` is exactly one PL/pgSQL block, `[<<label>>] [declare …] begin … end [label] [;]`, without transaction control, and what
/// is in it.
///
/// # Errors
/// Everything that is wrong, in the order of the text. Ranges count bytes of `text`.
pub fn check_plpgsql(text: &str) -> Result<Body, Vec<Error>> {
    check_plpgsql_unless(text, |_| false)
}

/// As [`check_plpgsql`]; the grammar of the SQL inside, which is dear, is not looked at where `is_known` says of the block's bytes that this was
/// done before.
///
/// # Errors
/// As those of [`check_plpgsql`].
pub fn check_plpgsql_unless(text: &str, is_known: impl FnOnce(Range<usize>) -> bool) -> Result<Body, Vec<Error>> {
    let tokens = check_surface(text)?;
    let structure = blocks::read(text, &tokens).map_err(|error| vec![error])?;
    let block = block_range(&tokens);
    if !is_known(block.clone()) {
        fragment::finish(check_embedded(text, &tokens, &structure.simple))?;
    }
    let mut errors = Vec::new();
    let mut body = Body {
        references: references(text, &tokens),
        bare_names: bare_names::find(text, &tokens),
        statements: structure.top_level,
        block,
        ..Body::default()
    };
    body.has_dynamic_sql = structure.has_dynamic_loop;
    for statement in &structure.simple {
        let inside = tokens.get(statement.tokens.clone()).unwrap_or_default();
        let word = |position: usize, word: &str| inside.get(position).is_some_and(|token| token.is_word(text, word));
        if word(0, "raise") {
            body.raises.push(raise::read(text, inside));
        }
        let pairs = || inside.windows(2).any(|pair| matches!(pair, [a, b] if a.is_word(text, "for") && b.is_word(text, "execute")));
        body.has_dynamic_sql |= word(0, "execute") || (word(0, "return") && word(1, "query") && word(2, "execute")) || (word(0, "open") && pairs());
        errors.extend(statements::transaction_control(text, inside));
    }
    fragment::finish(errors)?;
    Ok(body)
}

/// Says whether `text` is the body of an SQL function: complete statements without transaction control.
///
/// # Errors
/// Everything that is wrong, in the order of the text. Ranges count bytes of `text`.
pub fn check_sql_body(text: &str) -> Result<Body, Vec<Error>> {
    let tokens = check_surface(text)?;
    let statements = statements::split_and_check(text, &tokens, Place::Body)?;
    let top_level = statements
        .into_iter()
        .map(|statement| TopLevel { verb: statement.verb.split(' ').next().unwrap_or_default().to_owned(), range: statement.range });
    Ok(Body {
        references: references(text, &tokens),
        bare_names: bare_names::find(text, &tokens),
        statements: top_level.collect(),
        block: block_range(&tokens),
        ..Body::default()
    })
}

fn block_range(tokens: &[Token]) -> Range<usize> {
    let start = tokens.first().map_or(0, |token| token.start);
    let end = tokens.iter().rev().find(|token| token.kind != TokenKind::Semicolon).map_or(start, |token| token.end);
    start..end
}

/// Length, characters, lexical errors, nesting; the tokens without comments.
fn check_surface(text: &str) -> Result<Vec<Token>, Vec<Error>> {
    if text.len() > MAXIMUM_BODY_LENGTH {
        let message = format!("the body has {} bytes, at most {MAXIMUM_BODY_LENGTH} are allowed", text.len());
        return Err(vec![Error::new(0..text.len(), message)]);
    }
    let mut lexed = lexer::lex(text);
    let mut errors = lexed.errors;
    errors.extend(fragment::refuse_characters(text));
    lexed.tokens.retain(|token| !token.kind.is_comment());
    errors.extend(fragment::check_tokens(text, &lexed.tokens, Place::Body));
    errors.extend(fragment::check_nesting(text, &lexed.tokens));
    if lexed.tokens.is_empty() {
        errors.push(Error::new(0..text.len(), "the body is empty"));
    }
    fragment::finish(errors)?;
    Ok(lexed.tokens)
}

/// The errors that the parser finds in the SQL inside.
fn check_embedded(text: &str, tokens: &[Token], simple: &[Simple]) -> Vec<Error> {
    let masked = mask_into(text, tokens, simple);
    let Ok(quoted) = literal::dollar_quote(&masked, "body") else { return Vec::new() };
    let prefix = "DO LANGUAGE plpgsql ";
    let offset = prefix.len() + (quoted.len() - masked.len()) / 2;
    let parse = SourceFile::parse(&format!("{prefix}{quoted}"));
    let body = parse.tree().syntax().descendants().find_map(ast::Do::cast).and_then(|statement| statement.plpgsql());
    match body {
        // What follows the first mistake of the parser is mostly its consequence.
        Some(body) => body.errors().iter().take(1).map(|error| convert(error, offset, text)).collect(),
        None => vec![Error::new(0..text.len(), "the body cannot be read")],
    }
}

/// The text with `into [strict] target` of SQL statements blanked out, byte for byte, as PL/pgSQL itself does before it hands a
/// statement to the SQL parser; `squawk-syntax` 2.68 does not and would report a false error.
fn mask_into(text: &str, tokens: &[Token], simple: &[Simple]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for statement in simple {
        let inside = tokens.get(statement.tokens.clone()).unwrap_or_default();
        let is = |token: &Token, words: &[&str]| words.iter().any(|word| token.is_word(text, word));
        if !inside.first().is_some_and(|first| is(first, &["select", "insert", "update", "delete", "merge", "with"])) {
            continue;
        }
        let mut depth = 0_usize;
        for (position, token) in inside.iter().enumerate() {
            match token.kind {
                TokenKind::LeftParenthesis | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParenthesis | TokenKind::RightBracket => depth = depth.saturating_sub(1),
                _ => {}
            }
            let previous = position.checked_sub(1).and_then(|position| inside.get(position));
            let follows_verb = previous.is_some_and(|previous| is(previous, &["insert", "merge"]) || previous.kind == TokenKind::Dot);
            if depth == 0 && is(token, &["into"]) && !follows_verb {
                let end = target_end(text, inside.get(position + 1..).unwrap_or_default()).unwrap_or(token.end);
                masked.push_str(text.get(copied..token.start).unwrap_or_default());
                let target = text.get(token.start..end).unwrap_or_default();
                masked.extend(target.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
                copied = end;
                break;
            }
        }
    }
    masked.push_str(text.get(copied..).unwrap_or_default());
    masked
}

/// Where `[strict] name[.name][[…]], …` ends.
fn target_end(text: &str, tokens: &[Token]) -> Option<usize> {
    let mut end = None;
    let mut expects_name = true;
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind {
            TokenKind::LeftBracket if !expects_name || depth > 0 => depth += 1,
            TokenKind::RightBracket if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            TokenKind::Word if expects_name && token.is_word(text, "strict") => {}
            TokenKind::Word | TokenKind::QuotedName | TokenKind::UnicodeName if expects_name => expects_name = false,
            TokenKind::Comma | TokenKind::Dot if !expects_name => expects_name = true,
            _ => return end,
        }
        end = Some(token.end);
    }
    end
}

/// The first word of a body that changes data or runs a text as SQL, however deep it stands: `insert into`, `delete from`, `merge into`,
/// `update` but in `for update`, `truncate`, `copy`, `call`, `execute`.
pub fn first_write(text: &str) -> Option<Range<usize>> {
    let tokens: Vec<Token> = lexer::lex(text).tokens.into_iter().filter(|token| !token.kind.is_comment()).collect();
    let is = |token: Option<&Token>, words: &[&str]| token.is_some_and(|token| words.iter().any(|word| token.is_word(text, word)));
    let found = tokens.iter().enumerate().find(|(position, token)| {
        let previous = position.checked_sub(1).and_then(|position| tokens.get(position));
        let next = tokens.get(position + 1);
        if previous.is_some_and(|previous| previous.kind == TokenKind::Dot) {
            return false;
        }
        let token = Some(*token);
        is(token, &["insert", "merge"]) && is(next, &["into"])
            || is(token, &["delete"]) && is(next, &["from"])
            || is(token, &["update"]) && !is(previous, &["for", "key"])
            || is(token, &["truncate", "copy", "call", "execute"])
                && next.is_some_and(|next| next.kind == TokenKind::Word || next.kind == TokenKind::QuotedName || next.kind.is_string())
            || is(token, &["execute"]) && next.is_some_and(|next| next.kind == TokenKind::LeftParenthesis)
    });
    found.map(|(_, token)| token.range())
}

/// An error of the parser as ours; `offset` bytes stand before `text` in what it parsed.
pub(super) fn convert(error: &SyntaxError, offset: usize, text: &str) -> Error {
    let place = |position: usize| {
        let mut position = position.saturating_sub(offset).min(text.len());
        while !text.is_char_boundary(position) {
            position -= 1;
        }
        position
    };
    let range = error.range();
    let mut message = error.message().to_owned();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    let range = place(range.start().into())..place(range.end().into());
    // The parser names kinds of tokens (`RETURN_KW`, `IDENT`); people see what is written there.
    if let Some((before, found)) =
        message.rsplit_once("found ").filter(|(_, found)| found.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
    {
        let written = text.get(range.start..).and_then(|rest| lexer::lex(rest).tokens.first().map(|token| token.text(rest).to_owned()));
        let written = written.filter(|_| found != "EOF").map_or_else(|| "the end".to_owned(), |written| format!("`{written}`"));
        message = format!("{before}found {written}");
    }
    Error::new(range, message)
}

fn references(text: &str, tokens: &[Token]) -> Vec<Reference> {
    let mut references = Vec::new();
    let mut position = 0;
    while let Some(first) = tokens.get(position) {
        let mut end = position + 1;
        let Some(Ok(name)) = value::identifier(first.kind, first.text(text)) else {
            position = end;
            continue;
        };
        let mut parts = vec![name];
        while let (Some(dot), Some(next)) = (tokens.get(end), tokens.get(end + 1)) {
            let (true, Some(Ok(name))) = (dot.kind == TokenKind::Dot, value::identifier(next.kind, next.text(text))) else { break };
            parts.push(name);
            end += 2;
        }
        if let Some(last) = tokens.get(end - 1).filter(|_| parts.len() > 1) {
            let is_called = tokens.get(end).is_some_and(|token| token.kind == TokenKind::LeftParenthesis);
            references.push(Reference { parts, range: first.start..last.end, is_called });
        }
        position = end;
    }
    references
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
