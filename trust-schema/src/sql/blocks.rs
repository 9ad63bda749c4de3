//! The block structure of PL/pgSQL, read from tokens as pl_gram.y reads it: a key word of the structure counts at the beginning of a
//! statement only, and an expression ends at the first `;`, THEN, WHEN or LOOP outside of parentheses.

use std::ops::Range;

use super::Error;
use super::body::TopLevel;
use super::identifier;
use super::lexer::{Token, TokenKind};
use super::value;

/// The deepest nesting of blocks, branches and loops.
pub const MAXIMUM_BLOCK_DEPTH: usize = 64;

/// A statement without statements in it: which tokens make it up, without the `;`.
pub(super) struct Simple {
    pub(super) tokens: Range<usize>,
}

/// The statements of one block.
#[derive(Default)]
pub(super) struct Structure {
    pub(super) simple: Vec<Simple>,
    pub(super) top_level: Vec<TopLevel>,
    pub(super) has_dynamic_loop: bool,
}

/// Reads one block that takes up all `tokens` (without comments, balanced).
pub(super) fn read(text: &str, tokens: &[Token]) -> Result<Structure, Error> {
    let mut reader = Reader { text, tokens, position: 0, depth: 0, structure: Structure::default() };
    let first = tokens.first().map_or(0..text.len(), |token| token.range());
    let label = reader.label()?;
    if !reader.at("declare") && !reader.at("begin") {
        return Err(Error::new(first, "a PL/pgSQL body begins with `declare` or `begin`").with_help("write one block: [declare …] begin … end"));
    }
    reader.block(label.as_deref(), true)?;
    reader.take_kind(TokenKind::Semicolon);
    match reader.peek() {
        None => Ok(reader.structure),
        Some(token) => Err(Error::new(token.start..text.len(), "there is text behind the end of the block")
            .with_help("a body is one block; put everything between its `begin` and `end`")),
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    position: usize,
    depth: usize,
    structure: Structure,
}

impl Reader<'_> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.position).copied()
    }

    fn at(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(self.text, word))
    }

    fn next_is(&self, word: &str) -> bool {
        self.tokens.get(self.position + 1).is_some_and(|token| token.is_word(self.text, word))
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.at(word);
        self.position += usize::from(found);
        found
    }

    fn take_kind(&mut self, kind: TokenKind) -> bool {
        let found = self.peek().is_some_and(|token| token.kind == kind);
        self.position += usize::from(found);
        found
    }

    fn missing(&self, what: &str) -> Error {
        let range = self.peek().map_or(self.text.len()..self.text.len(), Token::range);
        let found = self.peek().map_or("the end of the body".to_owned(), |token| format!("`{}`", token.text(self.text)));
        Error::new(range, format!("expected {what}, found {found}"))
    }

    fn require(&mut self, word: &str) -> Result<(), Error> {
        if self.take(word) { Ok(()) } else { Err(self.missing(&format!("`{word}`"))) }
    }

    fn expect_semicolon(&mut self) -> Result<(), Error> {
        if self.take_kind(TokenKind::Semicolon) { Ok(()) } else { Err(self.missing("`;`")) }
    }

    fn name(&mut self) -> Option<String> {
        let token = self.peek()?;
        let name = value::identifier(token.kind, token.text(self.text))?.ok()?;
        self.position += 1;
        Some(name)
    }

    /// `<<label>>`
    fn label(&mut self) -> Result<Option<String>, Error> {
        let is = |reader: &Self, operator: &str| {
            reader.peek().is_some_and(|token| token.kind == TokenKind::Operator && token.text(reader.text) == operator)
        };
        if !is(self, "<<") {
            return Ok(None);
        }
        self.position += 1;
        let name = self.name().ok_or_else(|| self.missing("a label"))?;
        if !is(self, ">>") {
            return Err(self.missing("`>>`"));
        }
        self.position += 1;
        Ok(Some(name))
    }

    /// The label behind an END, which must be the one before the block or loop.
    fn end_label(&mut self, label: Option<&str>) -> Result<(), Error> {
        let token = self.peek();
        let Some(name) = self.name() else { return Ok(()) };
        if label == Some(&*name) {
            return Ok(());
        }
        let range = token.map_or(0..0, Token::range);
        Err(Error::new(range, format!("`{name}` is not the label of this block")).with_help("a body is one block; nothing follows its `end`"))
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAXIMUM_BLOCK_DEPTH {
            return Err(self.missing(&format!("at most {MAXIMUM_BLOCK_DEPTH} blocks inside one another")));
        }
        Ok(())
    }

    /// `[declare …] begin … [exception …] end [label]`, behind its label.
    fn block(&mut self, label: Option<&str>, outermost: bool) -> Result<(), Error> {
        self.enter()?;
        if self.take("declare") {
            while !self.at("begin") {
                let start = self.position;
                self.until(&[])?;
                if self.position == start {
                    return Err(self.missing("a declaration"));
                }
                self.expect_semicolon()?;
            }
        }
        self.require("begin")?;
        self.statements(outermost)?;
        if self.at("exception") && self.next_is("when") {
            self.position += 1;
            while self.take("when") {
                self.until(&["then"])?;
                self.require("then")?;
                self.statements(false)?;
            }
        }
        self.require("end")?;
        self.end_label(label)?;
        self.depth -= 1;
        Ok(())
    }

    /// Statements up to a key word that cannot begin one.
    fn statements(&mut self, top_level: bool) -> Result<(), Error> {
        loop {
            let handler = self.at("exception") && self.next_is("when");
            let ends = ["end", "else", "elsif", "elseif", "when"].iter().any(|word| self.at(word));
            let Some(first) = self.peek().filter(|_| !ends && !handler) else { return Ok(()) };
            let label = self.label()?;
            let verb = self.peek().map_or(first, |token| token);
            self.statement(label.as_deref())?;
            if top_level {
                // The `;` is the token before this position.
                let last = self.tokens.get(self.position.saturating_sub(2)).map_or(first.end, |token| token.end);
                let verb = identifier::fold(verb.text(self.text)).into_owned();
                self.structure.top_level.push(TopLevel { verb, range: first.start..last.max(first.end) });
            }
        }
    }

    fn statement(&mut self, label: Option<&str>) -> Result<(), Error> {
        if self.at("begin") || self.at("declare") {
            self.block(label, false)?;
            return self.expect_semicolon();
        }
        let is_loop = ["loop", "while", "for", "foreach"].iter().any(|word| self.at(word));
        if label.is_some() && !is_loop {
            return Err(self.missing("a block or loop behind the label"));
        }
        if is_loop {
            let start = self.position;
            self.until(&["loop"])?;
            let header = self.tokens.get(start..self.position).unwrap_or_default();
            let is_dynamic = |pair: &[Token]| matches!(pair, [a, b] if a.is_word(self.text, "in") && b.is_word(self.text, "execute"));
            self.structure.has_dynamic_loop |= header.windows(2).any(is_dynamic);
            self.require("loop")?;
            self.enter()?;
            self.statements(false)?;
            self.require("end")?;
            self.require("loop")?;
            self.end_label(label)?;
            self.depth -= 1;
        } else if self.take("if") {
            self.enter()?;
            self.branch()?;
            while self.take("elsif") || self.take("elseif") {
                self.branch()?;
            }
            if self.take("else") {
                self.statements(false)?;
            }
            self.require("end")?;
            self.require("if")?;
            self.depth -= 1;
        } else if self.take("case") {
            self.enter()?;
            self.until(&["when"])?;
            if !self.at("when") {
                return Err(self.missing("`when`"));
            }
            while self.take("when") {
                self.branch()?;
            }
            if self.take("else") {
                self.statements(false)?;
            }
            self.require("end")?;
            self.require("case")?;
            self.depth -= 1;
        } else {
            let start = self.position;
            self.until(&[])?;
            if self.position == start {
                return Err(self.missing("a statement"));
            }
            self.structure.simple.push(Simple { tokens: start..self.position });
        }
        self.expect_semicolon()
    }

    /// `condition then statements`
    fn branch(&mut self) -> Result<(), Error> {
        let start = self.position;
        self.until(&["then"])?;
        if self.position == start {
            return Err(self.missing("a condition"));
        }
        self.require("then")?;
        self.statements(false)
    }

    /// Goes to the first `;`, or to one of `words`, outside of parentheses.
    fn until(&mut self, words: &[&str]) -> Result<(), Error> {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::LeftParenthesis | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParenthesis | TokenKind::RightBracket => match depth.checked_sub(1) {
                    Some(outer) => depth = outer,
                    None => return Err(Error::new(token.range(), "this closes nothing in its statement")),
                },
                TokenKind::Semicolon if depth > 0 => {
                    return Err(Error::new(token.range(), "a `;` between parentheses ends no statement"));
                }
                TokenKind::Semicolon => return Ok(()),
                TokenKind::Word if depth == 0 && words.iter().any(|word| token.is_word(self.text, word)) => return Ok(()),
                // Its `;` would belong to the inner body for some versions of PostgreSQL and not for others.
                TokenKind::Word if token.is_word(self.text, "begin") && self.next_is("atomic") => {
                    return Err(Error::new(token.range(), "`begin atomic` inside a body").with_help("create the function in the spec"));
                }
                _ => {}
            }
            self.position += 1;
        }
        Err(self.missing("`;`"))
    }
}
