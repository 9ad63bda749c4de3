//! The gate for SQL texts of an author: an expression or a block of statements stays inside the place where it is put.
//!
//! This looks at tokens only, so it holds whatever a parser makes of the text: a text that passes [`check_expression`] cannot close the
//! parenthesis around it, comment out what follows, begin a second statement, or mean something else to `psql` than to the server.

use std::ops::Range;

use super::Error;
use super::identifier::{self, find_forbidden};
use super::keyword;
use super::lexer::{self, Token, TokenKind};

pub use super::statements::{Statement, check_statements};

/// The longest expression in bytes: far above what a person writes, low enough for every parser behind the gate.
pub const MAXIMUM_EXPRESSION_LENGTH: usize = 64 * 1024;

/// The deepest nesting of parentheses and brackets.
pub const MAXIMUM_DEPTH: usize = 64;

/// The most operators, dots and key words between two commas, counted over all open parentheses. This bounds the depth of the syntax
/// tree (`1 + 1 + 1 …` is a tree as deep as it is long), which parsers and destructors walk recursively.
pub const MAXIMUM_CHAIN: usize = 1000;

/// Says whether `text` is contained when it is put between parentheses: it lexes, is not empty, holds no comment, no `;`, no parameter, no
/// `psql` variable or command, no control or bidirectional character, its parentheses and brackets are balanced, and it keeps to the
/// limits of this module. Whether it is an expression is [`expression::parse`](super::expression::parse)'s question.
///
/// # Errors
/// Everything that is wrong, in the order of the text.
pub fn check_expression(text: &str) -> Result<(), Vec<Error>> {
    if text.len() > MAXIMUM_EXPRESSION_LENGTH {
        let message = format!("the text has {} bytes, at most {MAXIMUM_EXPRESSION_LENGTH} are allowed", text.len());
        return Err(vec![Error::new(0..text.len(), message)]);
    }
    let lexed = lexer::lex(text);
    let mut errors = lexed.errors;
    if lexed.tokens.is_empty() {
        errors.push(Error::new(0..text.len(), "the text is empty"));
    }
    errors.extend(refuse_characters(text));
    errors.extend(check_tokens(text, &lexed.tokens, Place::Script));
    errors.extend(check_nesting(text, &lexed.tokens));
    for token in &lexed.tokens {
        let (message, help) = match token.kind {
            TokenKind::LineComment | TokenKind::BlockComment => ("a comment has no place here", "use the key `comment` of the object"),
            TokenKind::Semicolon => ("a `;` has no place here", "write one expression or query only"),
            _ if token.continued => ("a string is continued on another line", "write the string in one piece"),
            _ => continue,
        };
        errors.push(Error::new(token.range(), message).with_help(help));
    }
    finish(errors)
}

/// The errors in the order of the text, or that there are none.
pub(super) fn finish(mut errors: Vec<Error>) -> Result<(), Vec<Error>> {
    if errors.is_empty() {
        return Ok(());
    }
    errors.sort_by_key(|error| (error.range.start, error.range.end));
    errors.dedup();
    Err(errors)
}

/// Control and bidirectional characters, wherever they are: in a string they can be written as an escape.
pub(super) fn refuse_characters(text: &str) -> Option<Error> {
    let allowed = |character| matches!(character, '\t' | '\n' | '\r');
    find_forbidden(text, allowed).map(|(position, character, what)| {
        let code = u32::from(character);
        Error::new(position..position + character.len_utf8(), format!("the text holds {what} (U+{code:04X})"))
            .with_help(format!("in a string write E'\\u{code:04X}'"))
    })
}

/// Where a text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Into a script as it is, where psql replaces variables and no parameter has a value.
    Script,
    /// Between the dollar quotes of a function, which psql leaves alone.
    Body,
}

/// What no SQL text of an author may hold.
pub(super) fn check_tokens(text: &str, tokens: &[Token], place: Place) -> Vec<Error> {
    let mut errors = Vec::new();
    for (position, token) in tokens.iter().enumerate() {
        let written = token.text(text);
        let next = tokens.get(position + 1).filter(|next| next.start == token.end);
        match token.kind {
            TokenKind::Parameter if place == Place::Script => {
                errors.push(Error::new(token.range(), format!("`{written}` is a parameter")).with_help("refer to an argument by its name"))
            }
            TokenKind::Unknown if written == "\\" => {
                errors.push(Error::new(token.range(), "a backslash begins a psql command").with_help("psql commands have no place in a spec"))
            }
            TokenKind::Unknown => errors.push(Error::new(token.range(), format!("`{}` has no meaning in SQL", written.escape_debug()))),
            TokenKind::Colon if place == Place::Script => {
                if let Some(next) = next.filter(|next| looks_like_variable(next, text)) {
                    errors.push(
                        Error::new(token.start..next.end, "this looks like a psql variable")
                            .with_help("in a slice of an array put spaces around the `:`"),
                    );
                }
            }
            TokenKind::String | TokenKind::NationalString => {
                if let Some(offset) = written.find("\\'") {
                    errors.push(
                        Error::new(token.start + offset..token.start + offset + 2, "a backslash before a quote")
                            .with_help("this ends elsewhere with standard_conforming_strings = off; write E'…\\\\'"),
                    );
                }
            }
            TokenKind::Word if written.eq_ignore_ascii_case("uescape") => {
                errors.push(Error::new(token.range(), "UESCAPE is not supported").with_help("write the character itself"));
            }
            _ => {}
        }
    }
    errors
}

/// `:name`, `:'name'`, `:"name"`, `:{?name}` (psql's manual, "Variables"); a name may begin with a digit.
fn looks_like_variable(next: &Token, text: &str) -> bool {
    match next.kind {
        TokenKind::Word | TokenKind::QuotedName | TokenKind::Integer | TokenKind::Decimal => true,
        TokenKind::Unknown => next.text(text) == "{",
        kind => kind.is_string(),
    }
}

/// Parentheses and brackets are balanced, and the limits [`MAXIMUM_DEPTH`] and [`MAXIMUM_CHAIN`] hold.
pub(super) fn check_nesting(text: &str, tokens: &[Token]) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut open: Vec<(Token, usize)> = Vec::new();
    // Operators and key words since the last comma: on this level, and on all levels around it.
    let mut chain = 0_usize;
    let mut outer = 0_usize;
    for token in tokens {
        match token.kind {
            TokenKind::LeftParenthesis | TokenKind::LeftBracket => {
                if open.len() >= MAXIMUM_DEPTH {
                    errors.push(Error::new(token.range(), format!("parentheses are nested deeper than {MAXIMUM_DEPTH}")));
                    return errors;
                }
                chain += usize::from(token.kind == TokenKind::LeftBracket);
                outer += chain;
                open.push((*token, chain));
                chain = 0;
            }
            TokenKind::RightParenthesis | TokenKind::RightBracket => {
                let written = token.text(text);
                match open.pop() {
                    None => errors.push(Error::new(token.range(), format!("this `{written}` closes nothing"))),
                    Some((opening, saved)) => {
                        if (opening.kind == TokenKind::LeftParenthesis) != (token.kind == TokenKind::RightParenthesis) {
                            let message = format!("this `{written}` does not fit `{}`", opening.text(text));
                            errors.push(Error::new(token.range(), message));
                        }
                        outer -= saved;
                        chain = saved;
                    }
                }
            }
            TokenKind::Comma | TokenKind::Semicolon => chain = 0,
            TokenKind::Operator | TokenKind::TypeCast | TokenKind::Dot => chain += 1,
            TokenKind::Word if keyword::find(&identifier::fold(token.text(text))).is_some() => chain += 1,
            _ => {}
        }
        if chain + outer > MAXIMUM_CHAIN {
            let message = format!("more than {MAXIMUM_CHAIN} operators, dots and key words without a comma between them");
            errors.push(Error::new(token.range(), message));
            return errors;
        }
    }
    errors.extend(open.iter().map(|(token, _)| Error::new(token.range(), format!("this `{}` is not closed", token.text(text)))));
    errors
}

/// Replaces bare names in an expression, token by token: a name that is not in quotes, not next to a dot, no function (before `(`), no
/// type (behind `::` or `as`, before a string), and not the name of an argument (before `=>` or `:=`). The
/// replacement is put in parentheses unless it is one token. Names are compared folded; the first pair with a name counts.
///
/// # Errors
/// The text does not lex.
pub fn substitute(text: &str, replacements: &[(&str, &str)]) -> Result<String, Error> {
    let lexed = lexer::lex(text);
    if let Some(error) = lexed.errors.into_iter().next() {
        return Err(error);
    }
    let tokens: Vec<Token> = lexed.tokens.into_iter().filter(|token| !token.kind.is_comment()).collect();
    let mut output = String::with_capacity(text.len());
    let mut copied = 0;
    for (position, token) in tokens.iter().enumerate() {
        if token.kind != TokenKind::Word {
            continue;
        }
        let name = identifier::fold(token.text(text));
        let Some((_, replacement)) = replacements.iter().find(|(candidate, _)| *candidate == name) else { continue };
        let previous = position.checked_sub(1).and_then(|position| tokens.get(position));
        let next = tokens.get(position + 1);
        if !is_bare(text, previous, next) {
            continue;
        }
        // A token without space to the next one could grow together with it: `'a'b` with `'c'` for `b`.
        let touches = previous.is_some_and(|previous| previous.end == token.start && is_operand(previous.kind))
            || next.is_some_and(|next| next.start == token.end && is_operand(next.kind));
        output.push_str(text.get(copied..token.start).unwrap_or_default());
        if !touches && is_one_token(replacement) {
            output.push_str(replacement);
        } else {
            output.push('(');
            output.push_str(replacement);
            output.push(')');
        }
        copied = token.end;
    }
    output.push_str(text.get(copied..).unwrap_or_default());
    Ok(output)
}

fn is_bare(text: &str, previous: Option<&Token>, next: Option<&Token>) -> bool {
    let previous_allows =
        previous.is_none_or(|previous| !matches!(previous.kind, TokenKind::Dot | TokenKind::TypeCast) && !previous.is_word(text, "as"));
    let next_allows = next.is_none_or(|next| {
        let refused = matches!(next.kind, TokenKind::Dot | TokenKind::LeftParenthesis | TokenKind::EqualsGreater | TokenKind::ColonEquals);
        !refused && !next.kind.is_string()
    });
    previous_allows && next_allows
}

fn is_operand(kind: TokenKind) -> bool {
    kind.is_string()
        || matches!(
            kind,
            TokenKind::Word
                | TokenKind::QuotedName
                | TokenKind::UnicodeName
                | TokenKind::Integer
                | TokenKind::Decimal
                | TokenKind::Parameter
                | TokenKind::Unknown
        )
}

fn is_one_token(text: &str) -> bool {
    let lexed = lexer::lex(text);
    let mut tokens = lexed.tokens.iter();
    let Some(only) = tokens.next() else { return false };
    let whole: Range<usize> = 0..text.len();
    tokens.next().is_none() && lexed.errors.is_empty() && only.range() == whole && is_operand(only.kind)
}

/// A text for people, on one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contained_expressions_pass() {
        for text in [
            "a > 0",
            "(a)",
            "kind = 'user' and id = (select auth.uid())::text",
            "a[1]",
            "a[1 : 2]",
            "x ~ '^[a-z]\\d+;--$'",
            "'/* no comment */'",
            "payload ->> 'a' = $$b$$",
            "f(a => 1, b := 2)",
            "E'it\\'s'",
            "\"odd ; name\" is null",
            "a\n  or b",
        ] {
            assert_eq!(check_expression(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn everything_that_could_leave_is_refused() {
        for (text, start, message) in [
            ("", 0, "empty"),
            (" \n", 0, "empty"),
            ("true) or (true", 4, "closes nothing"),
            ("(a", 0, "not closed"),
            ("a]", 1, "closes nothing"),
            ("(a]", 2, "does not fit"),
            ("a; drop table t", 1, "a `;`"),
            ("a -- b", 2, "a comment"),
            ("a /* b */", 2, "a comment"),
            ("a /* b", 2, "not closed"),
            ("'a", 0, "not closed"),
            ("'a'\n'b'", 0, "continued"),
            ("'a' -- ) x\n'b'", 0, "continued"),
            ("a = $1", 4, "parameter"),
            ("a = :b", 4, "psql variable"),
            ("a = :'b'", 4, "psql variable"),
            ("a = :\"b\"", 4, "psql variable"),
            ("a = :{?b}", 4, "psql variable"),
            ("a[1:n]", 3, "psql variable"),
            ("a \\gexec", 2, "psql command"),
            ("a {", 2, "no meaning"),
            ("a = 'x\\' or b = ' or true", 6, "backslash before a quote"),
            ("a = 'x\u{202E}'", 6, "bidirectional"),
            ("a = \u{1}", 4, "control character"),
            ("\0", 0, "NUL"),
            ("U&'d!0061' uescape '!'", 11, "UESCAPE"),
        ] {
            let errors = check_expression(text).expect_err(text);
            assert!(errors.iter().any(|error| error.range.start == start && error.message.contains(message)), "{text}: {errors:?}");
        }
    }

    #[test]
    fn limits_hold() {
        let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
        assert!(check_expression(&nested(MAXIMUM_DEPTH)).is_ok());
        assert!(check_expression(&nested(MAXIMUM_DEPTH + 1)).is_err());
        assert!(check_expression(&nested(20_000)).is_err());
        assert!(check_expression(&format!("1{}", "+1".repeat(MAXIMUM_CHAIN))).is_ok());
        assert!(check_expression(&format!("1{}", "+1".repeat(MAXIMUM_CHAIN + 1))).is_err());
        assert!(check_expression(&format!("{}true", "not ".repeat(2000))).is_err());
        assert!(check_expression(&format!("a in (0{})", ",1+1".repeat(5000))).is_ok());
        assert!(check_expression(&format!("f({}1", "1+f(".repeat(50))).is_err());
        assert!(check_expression(&format!("'{}'", "a".repeat(MAXIMUM_EXPRESSION_LENGTH))).is_err());
    }

    #[test]
    fn bare_names_are_substituted() {
        let replacements = [("kind", "actor_type"), ("id", "actor_id::text"), ("n", "-1")];
        for (text, expected) in [
            ("kind = 'user' and id = 1", "actor_type = 'user' and (actor_id::text) = 1"),
            ("KIND = 'kind'", "actor_type = 'kind'"),
            ("a.kind = kind.a", "a.kind = kind.a"),
            ("\"kind\" = kind(kind)", "\"kind\" = kind(actor_type)"),
            ("x::kind = cast(y as kind)", "x::kind = cast(y as kind)"),
            ("f(kind => kind, id := id)", "f(kind => actor_type, id := (actor_id::text))"),
            ("2-n", "2-(-1)"),
            ("kind'x'", "kind'x'"),
            ("'x'kind", "'x'(actor_type)"),
            ("$$kind$$ = (select kind)", "$$kind$$ = (select actor_type)"),
            ("kinds + kind", "kinds + actor_type"),
        ] {
            assert_eq!(substitute(text, &replacements).as_deref(), Ok(expected));
        }
        assert!(substitute("'", &replacements).is_err());
    }
}
