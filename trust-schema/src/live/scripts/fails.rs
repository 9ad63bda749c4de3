//! What PostgreSQL says of a statement that it refuses, and where.

use tokio_postgres::error::{DbError, ErrorPosition, SqlState};

use super::statement::Replaced;
use crate::diagnostic::{Diagnostic, codes};
use crate::live::error::message;
use crate::scripts::Statement;
use crate::source::Span;
use crate::sql::lexer::lex;

/// Whether a statement failed because the server does not know a setting.
pub fn is_unknown_setting(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::UNDEFINED_OBJECT)
}

/// The failure at a place, with what PostgreSQL adds to it.
pub fn told(error: &tokio_postgres::Error, place: Span) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(&codes::SCRIPT_FAILS, format!("PostgreSQL refuses this: {}", message(error)), place);
    if let Some(said) = error.as_db_error() {
        for (label, more) in [("detail", said.detail()), ("hint", said.hint()), ("context", said.where_())] {
            if let Some(more) = more {
                diagnostic = diagnostic.help(format!("PostgreSQL's {label}: {}", more.replace('\n', "; ")));
            }
        }
    }
    diagnostic
}

/// The first place at which the name stands that a message without a position speaks of.
fn named(said: &DbError, text: &str, statement: &Statement) -> Option<Span> {
    let name = said.message().split('"').nth(1).filter(|name| !name.is_empty())?;
    let last = name.rsplit('.').next().unwrap_or(name);
    let (offset, found) = [name, last].into_iter().find_map(|name| Some((text.find(name)?, name)))?;
    let start = statement.bytes.start + offset;
    Some(Span::new(statement.file, start..start + found.len()))
}

/// The token to which PostgreSQL points.
pub fn place(error: &tokio_postgres::Error, text: &str, statement: &Statement, replaced: &[Replaced]) -> Option<Span> {
    let said = error.as_db_error()?;
    let Some(ErrorPosition::Original(character)) = said.position() else { return named(said, text, statement) };
    let mut sent = text.to_owned();
    for part in replaced.iter().rev() {
        sent.replace_range(part.written.clone(), &"x".repeat(part.sent.len()));
    }
    let index = usize::try_from(*character).ok()?.checked_sub(1)?;
    let offset = sent.char_indices().map(|(offset, _)| offset).chain([sent.len()]).nth(index)?;
    // Back to the text of the script, in which the parts before have another length.
    let before = replaced.iter().rev().find(|part| part.sent.start <= offset);
    let offset = match before {
        Some(part) if offset < part.sent.end => part.written.start,
        Some(part) => part.written.end + (offset - part.sent.end),
        None => offset,
    };
    // Within a body it is the byte itself.
    let token = lex(text).tokens.into_iter().find(|token| token.range().contains(&offset));
    let end = match token {
        Some(token) if token.start == offset && !token.kind.is_string() => token.end,
        _ => {
            let word = text.get(offset..)?.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(text.len() - offset);
            offset + word.max(text.get(offset..)?.chars().next().map_or(0, char::len_utf8))
        }
    };
    Some(Span::new(statement.file, statement.bytes.start + offset..statement.bytes.start + end))
}
