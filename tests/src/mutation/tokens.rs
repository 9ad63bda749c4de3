//! The tokens of an SQL text or body, for operators that change one of its parts.

use std::ops::Range;

use trust_schema::sql::lexer::{Token, TokenKind, lex};

/// A change of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub operator: &'static str,
    pub range: Range<usize>,
    pub by: String,
}

impl Edit {
    pub fn new(operator: &'static str, range: Range<usize>, by: impl Into<String>) -> Edit {
        Edit { operator, range, by: by.into() }
    }

    pub fn apply(&self, text: &str) -> String {
        format!("{}{}{}", &text[..self.range.start], self.by, &text[self.range.end..])
    }
}

/// The tokens of a text, without comments, each with how many brackets and CASEs are open around it.
pub struct Tokens<'t> {
    pub text: &'t str,
    tokens: Vec<(Token, usize)>,
}

impl<'t> Tokens<'t> {
    pub fn new(text: &'t str) -> Tokens<'t> {
        let mut depth = 0_usize;
        let mut tokens: Vec<(Token, usize)> = Vec::new();
        let mut cases = Vec::new();
        for token in lex(text).tokens.into_iter().filter(|token| !token.kind.is_comment()) {
            let closes = matches!(token.kind, TokenKind::RightParenthesis | TokenKind::RightBracket);
            let ends_case = token.is_word(text, "end") && cases.last() == Some(&depth);
            if closes || ends_case {
                depth = depth.saturating_sub(1);
            }
            if ends_case {
                cases.pop();
            }
            tokens.push((token, depth));
            if matches!(token.kind, TokenKind::LeftParenthesis | TokenKind::LeftBracket) {
                depth += 1;
            }
            // A CASE of PL/pgSQL begins a statement and ends with END CASE: it is left as it is.
            let is_statement = tokens.len() < 2 || tokens.get(tokens.len() - 2).is_some_and(|(before, _)| before.kind == TokenKind::Semicolon);
            let after_end = tokens.len() > 1 && tokens[tokens.len() - 2].0.is_word(text, "end");
            if token.is_word(text, "case") && !is_statement && !after_end {
                depth += 1;
                cases.push(depth);
            }
        }
        Tokens { text, tokens }
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    pub fn depth(&self, place: usize) -> usize {
        self.tokens.get(place).map_or(0, |(_, depth)| *depth)
    }

    pub fn kind(&self, place: usize) -> Option<TokenKind> {
        self.tokens.get(place).map(|(token, _)| token.kind)
    }

    pub fn start(&self, place: usize) -> usize {
        self.tokens.get(place).map_or(self.text.len(), |(token, _)| token.start)
    }

    pub fn end(&self, place: usize) -> usize {
        self.tokens.get(place).map_or(self.text.len(), |(token, _)| token.end)
    }

    /// From the first byte of one token to the last of another.
    pub fn bytes(&self, first: usize, last: usize) -> Range<usize> {
        self.start(first)..self.end(last)
    }

    pub fn written(&self, place: usize) -> &'t str {
        self.tokens.get(place).map_or("", |(token, _)| token.text(self.text))
    }

    pub fn is(&self, place: usize, word: &str) -> bool {
        self.tokens.get(place).is_some_and(|(token, _)| token.is_word(self.text, word))
    }

    pub fn is_any(&self, place: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(place, word))
    }

    /// Whether these words stand here, one behind the other.
    pub fn are(&self, place: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(offset, word)| self.is(place + offset, word))
    }

    /// The place of the bracket that opens what the one here closes.
    pub fn opening(&self, place: usize) -> Option<usize> {
        (0..place).rev().find(|before| self.depth(*before) == self.depth(place) && self.kind(*before) == Some(TokenKind::LeftParenthesis))
    }

    pub fn closing(&self, place: usize) -> Option<usize> {
        (place + 1..self.len()).find(|after| self.depth(*after) == self.depth(place) && self.kind(*after) == Some(TokenKind::RightParenthesis))
    }

    /// The semicolon behind a place.
    pub fn semicolon(&self, place: usize) -> Option<usize> {
        (place..self.len()).find(|after| self.kind(*after) == Some(TokenKind::Semicolon) && self.depth(*after) == 0)
    }

    /// Whether a statement of PL/pgSQL begins here.
    pub fn begins_statement(&self, place: usize) -> bool {
        place == 0 || self.kind(place - 1) == Some(TokenKind::Semicolon) || self.is_any(place - 1, &["begin", "then", "else", "loop"])
    }
}
