//! RAISE statements, read from their tokens.

use std::ops::Range;

use super::lexer::{Token, TokenKind};
use super::{identifier, value};

/// A RAISE statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    /// The level; an exception when none is written.
    pub level: Level,
    /// The SQLSTATE of `sqlstate '…'` or `errcode = '…'`.
    pub sqlstate: Option<String>,
    /// The name of the condition (`raise unique_violation`, `errcode = 'unique_violation'`).
    pub condition: Option<String>,
    /// The text of the message when it is constant: of `message = '…'`, or of a format without `%`.
    pub message: Option<String>,
    /// `raise;`, which raises the handled exception again.
    pub is_again: bool,
    /// Its bytes without the `;`.
    pub range: Range<usize>,
}

/// The level of a RAISE statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the words of PL/pgSQL")]
pub enum Level {
    Debug,
    Log,
    Info,
    Notice,
    Warning,
    Exception,
}

fn level(word: &str) -> Option<Level> {
    Some(match word {
        "debug" => Level::Debug,
        "log" => Level::Log,
        "info" => Level::Info,
        "notice" => Level::Notice,
        "warning" => Level::Warning,
        "exception" => Level::Exception,
        _ => return None,
    })
}

/// Reads a statement whose first token is RAISE.
pub(super) fn read(text: &str, tokens: &[Token]) -> Raise {
    let start = tokens.first().map_or(0, |token| token.start);
    let end = tokens.last().map_or(start, |token| token.end);
    let mut raise = Raise { level: Level::Exception, sqlstate: None, condition: None, message: None, is_again: tokens.len() == 1, range: start..end };
    let word = |position: usize| {
        let token = tokens.get(position).filter(|token| token.kind == TokenKind::Word)?;
        Some(identifier::fold(token.text(text)))
    };
    let constant = |position: usize| {
        let token = tokens.get(position)?;
        value::string(token.kind, token.text(text))?.ok()
    };
    let mut position = 1;
    if let Some(written) = word(position).and_then(|word| level(&word)) {
        raise.level = written;
        position += 1;
    }
    if word(position).as_deref() == Some("sqlstate") {
        raise.sqlstate = constant(position + 1);
    } else if let Some(format) = constant(position) {
        raise.message = unformatted(&format);
    } else if let Some(condition) = word(position).filter(|word| word != "using") {
        raise.condition = Some(condition.into_owned());
    }
    let mut depth = 0_usize;
    let mut option = false;
    for (position, token) in tokens.iter().enumerate().skip(1) {
        match token.kind {
            TokenKind::LeftParenthesis | TokenKind::LeftBracket => depth += 1,
            TokenKind::RightParenthesis | TokenKind::RightBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        // Options follow USING, and then each comma, outside of parentheses.
        let begins = token.is_word(text, "using") || (option && token.kind == TokenKind::Comma);
        if depth > 0 || !begins {
            continue;
        }
        option = true;
        // The value is constant when it is the last token of the option.
        let ends = tokens.get(position + 4).is_none_or(|token| token.kind == TokenKind::Comma);
        let Some(constant) = constant(position + 3).filter(|_| ends) else { continue };
        match word(position + 1).as_deref() {
            Some("errcode") if is_sqlstate(&constant) => raise.sqlstate = Some(constant),
            Some("errcode") => raise.condition = Some(constant),
            Some("message") => raise.message = Some(constant),
            _ => {}
        }
    }
    raise
}

/// Five digits or capital letters (`plpgsql_recognize_err_condition`).
fn is_sqlstate(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// The message of a format string without placeholders; `%%` is a percent sign.
fn unformatted(format: &str) -> Option<String> {
    let message = format.replace("%%", "\0");
    if message.contains('%') { None } else { Some(message.replace('\0', "%")) }
}
