//! The words of a text of SQL.

use crate::sql::identifier::fold;
use crate::sql::lexer::{TokenKind, lex};

/// Names and key words outside of strings and comments, in small letters, each with what stands before it where that is a dot:
/// `auth.uid()` is `auth` and `.uid`.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut after_dot = false;
    for token in lex(text).tokens {
        match token.kind {
            TokenKind::Word | TokenKind::QuotedName => {
                let word = fold(token.text(text).trim_matches('"')).into_owned();
                words.push(if after_dot { format!(".{word}") } else { word });
            }
            _ => {}
        }
        after_dot = token.kind == TokenKind::Dot;
    }
    words
}

/// Whether a body asks who is calling, directly or by an unqualified or qualified name of a function of the platform.
pub fn names_the_caller(words: &[String]) -> bool {
    const CALLER: &[&str] =
        &[".uid", ".jwt", ".email", ".role", "current_setting", ".current_setting", "current_user", "session_user", "current_role", "user"];
    words.iter().any(|word| CALLER.contains(&word.as_str()))
}

/// The parts of a name that is written with `_`: `api_key` is `api` and `key`.
pub fn parts(name: &str) -> Vec<String> {
    name.to_lowercase().split('_').map(str::to_owned).collect()
}
