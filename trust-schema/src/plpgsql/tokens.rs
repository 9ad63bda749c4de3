//! The tokens of a body, and questions about them.

use std::ops::Range;

use crate::sql::Error;
use crate::sql::identifier;
use crate::sql::keyword;
use crate::sql::lexer::{self, Token, TokenKind};
use crate::sql::value;

/// A body and its tokens, comments left out.
pub(crate) struct Tokens<'a> {
    pub(crate) text: &'a str,
    list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    /// The tokens; the first lexical error where there is one.
    pub(crate) fn new(text: &'a str) -> Result<Self, Error> {
        let mut lexed = lexer::lex(text);
        if let Some(error) = lexed.errors.into_iter().next() {
            return Err(error);
        }
        lexed.tokens.retain(|token| !token.kind.is_comment());
        Ok(Tokens { text, list: lexed.tokens })
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn kind(&self, position: usize) -> Option<TokenKind> {
        self.list.get(position).map(|token| token.kind)
    }

    pub(crate) fn is_kind(&self, position: usize, kind: TokenKind) -> bool {
        self.kind(position) == Some(kind)
    }

    pub(crate) fn text(&self, position: usize) -> &'a str {
        self.list.get(position).map(|token| token.text(self.text)).unwrap_or_default()
    }

    /// Whether a token is one of these key words, which are in lower case.
    pub(crate) fn is(&self, position: usize, words: &[&str]) -> bool {
        self.list.get(position).is_some_and(|token| words.iter().any(|word| token.is_word(self.text, word)))
    }

    /// As [`Tokens::is`] of the token before.
    pub(crate) fn follows(&self, position: usize, words: &[&str]) -> bool {
        position.checked_sub(1).is_some_and(|position| self.is(position, words))
    }

    pub(crate) fn follows_kind(&self, position: usize, kind: TokenKind) -> bool {
        position.checked_sub(1).is_some_and(|position| self.is_kind(position, kind))
    }

    pub(crate) fn is_operator(&self, position: usize, operators: &[&str]) -> bool {
        self.is_kind(position, TokenKind::Operator) && operators.contains(&self.text(position))
    }

    /// The name that a token is, folded unless quoted; key words are names here.
    pub(crate) fn name(&self, position: usize) -> Option<String> {
        let token = self.list.get(position)?;
        value::identifier(token.kind, token.text(self.text))?.ok()
    }

    /// A word in lower case.
    pub(crate) fn word(&self, position: usize) -> Option<String> {
        let token = self.list.get(position).filter(|token| token.kind == TokenKind::Word)?;
        Some(identifier::fold(token.text(self.text)).into_owned())
    }

    /// Whether a token is a word of SQL's grammar, which no alias without AS can be.
    pub(crate) fn is_keyword(&self, position: usize) -> bool {
        self.word(position).is_some_and(|word| keyword::find(&word).is_some())
    }

    pub(crate) fn bytes(&self, part: &Range<usize>) -> Range<usize> {
        let end = self.text.len();
        let start = self.list.get(part.start).map_or(end, |token| token.start);
        let last = part.end.checked_sub(1).and_then(|last| self.list.get(last));
        start..last.map_or(start, |token| token.end).max(start)
    }

    /// The tokens that begin within these bytes.
    pub(crate) fn part(&self, bytes: &Range<usize>) -> Range<usize> {
        let first = |byte: usize| self.list.partition_point(|token| token.start < byte);
        first(bytes.start)..first(bytes.end)
    }

    /// +1 for what opens, -1 for what closes.
    pub(crate) fn turn(&self, position: usize) -> isize {
        match self.kind(position) {
            Some(TokenKind::LeftParenthesis | TokenKind::LeftBracket) => 1,
            Some(TokenKind::RightParenthesis | TokenKind::RightBracket) => -1,
            _ => 0,
        }
    }

    /// The token behind the one that closes what `position` opens, within `end`.
    pub(crate) fn behind(&self, position: usize, end: usize) -> usize {
        let mut depth = 0;
        for at in position..end {
            depth += self.turn(at);
            if depth <= 0 {
                return at + 1;
            }
        }
        end
    }

    /// The tokens written with single spaces, words in lower case: the same for the same expression.
    pub(crate) fn canonical(&self, part: &Range<usize>) -> String {
        let mut text = String::new();
        for position in part.clone() {
            let written = self.text(position);
            text.push_str(&if self.is_kind(position, TokenKind::Word) { identifier::fold(written) } else { written.into() });
            text.push(' ');
        }
        text
    }

    /// `schema.name` or `name` from `position`, and the position behind it.
    pub(crate) fn dotted(&self, position: usize, end: usize) -> Option<(Vec<String>, usize)> {
        let mut parts = vec![self.name(position)?];
        let mut at = position + 1;
        while at + 1 < end && self.is_kind(at, TokenKind::Dot) {
            let Some(name) = self.name(at + 1) else { break };
            parts.push(name);
            at += 2;
        }
        Some((parts, at))
    }
}
