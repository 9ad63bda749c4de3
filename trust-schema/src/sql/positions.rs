//! From the lines and columns of `sqlparser` to bytes.

use std::ops::Range;

use sqlparser::ast::{Ident, Spanned};
use sqlparser::tokenizer::Location;

use super::lexer::{self, Token};

/// Finds the byte of a line and column, and the token that begins there.
pub(super) struct Positions {
    length: usize,
    /// The byte position of every character.
    characters: Vec<usize>,
    /// The index in `characters` of every line's first character.
    lines: Vec<usize>,
    tokens: Vec<Token>,
}

impl Positions {
    pub(super) fn new(text: &str) -> Self {
        let mut characters = Vec::with_capacity(text.len());
        let mut lines = vec![0];
        for (position, character) in text.char_indices() {
            characters.push(position);
            if character == '\n' {
                lines.push(characters.len());
            }
        }
        let mut tokens = lexer::lex(text).tokens;
        tokens.retain(|token| !token.kind.is_comment());
        Self { length: text.len(), characters, lines, tokens }
    }

    /// The byte of a location; lines and columns count from 1, and 0 means that it is not known.
    pub(super) fn byte(&self, location: Location) -> Option<usize> {
        let line = usize::try_from(location.line.checked_sub(1)?).ok()?;
        let column = usize::try_from(location.column.checked_sub(1)?).ok()?;
        let index = self.lines.get(line)? + column;
        Some(self.characters.get(index).copied().unwrap_or(self.length))
    }

    fn token(&self, location: Location) -> Option<Range<usize>> {
        let start = self.byte(location)?;
        let index = self.tokens.binary_search_by_key(&start, |token| token.start).ok()?;
        self.tokens.get(index).map(|token| token.range())
    }

    /// The bytes from the first to the last of some names; the whole text when they have no position.
    pub(super) fn names<'a>(&self, names: impl IntoIterator<Item = &'a Ident>) -> Range<usize> {
        let mut range: Option<Range<usize>> = None;
        for found in names.into_iter().filter_map(|name| self.token(name.span.start)) {
            range = Some(range.map_or(found.clone(), |range| range.start.min(found.start)..range.end.max(found.end)));
        }
        range.unwrap_or(0..self.length)
    }

    /// The token at which some part of a tree begins; the whole text when it has no position.
    pub(super) fn start_of(&self, part: &impl Spanned) -> Range<usize> {
        self.token(part.span().start).unwrap_or(0..self.length)
    }

    pub(super) fn whole(&self) -> Range<usize> {
        0..self.length
    }
}

/// The name that `sqlparser` read, folded as PostgreSQL does.
pub(crate) fn name(ident: &Ident) -> String {
    match ident.quote_style {
        None => ident.value.to_ascii_lowercase(),
        // The parser has already replaced doubled quotes.
        Some(_) => ident.value.clone(),
    }
}
