//! From the text of a body to its statements, read from tokens as pl_gram.y reads them: a key word of the structure counts at the beginning
//! of a statement only, and an expression ends at the first `;`, THEN, WHEN or LOOP outside of parentheses.

use super::read_statement::simple;
use super::syntax::{Block, Branch, Declaration, Handler, Header, Kind, Part, Statement};
use super::tokens::Tokens;
use crate::sql::Error;
use crate::sql::lexer::TokenKind;

/// The deepest nesting of blocks, branches and loops.
const MAXIMUM_DEPTH: usize = 100;

/// Reads a PL/pgSQL body.
///
/// # Errors
/// The first thing that is not understood: nothing is passed over.
pub fn read(text: &str) -> Result<Block, Error> {
    plpgsql(&Tokens::new(text)?)
}

pub(super) fn plpgsql(tokens: &Tokens<'_>) -> Result<Block, Error> {
    let mut reader = Reader { tokens, position: 0, depth: 0 };
    // `#variable_conflict use_column` and the like.
    while tokens.is_operator(reader.position, &["#"]) && tokens.name(reader.position + 1).is_some() {
        reader.position += 3;
    }
    let label = reader.label();
    let block = reader.block(label)?;
    if reader.tokens.is_kind(reader.position, TokenKind::Semicolon) {
        reader.position += 1;
    }
    if reader.position < tokens.len() { Err(reader.unexpected("the end of the body")) } else { Ok(block) }
}

/// Reads the body of an SQL function: its statements, one after the other.
pub(super) fn sql(tokens: &Tokens<'_>) -> Result<Block, Error> {
    let mut reader = Reader { tokens, position: 0, depth: 0 };
    let mut block = Block::default();
    while reader.position < tokens.len() {
        if reader.tokens.is_kind(reader.position, TokenKind::Semicolon) {
            reader.position += 1;
            continue;
        }
        let start = reader.position;
        reader.until(&[], true)?;
        let all = start..reader.position;
        let mut verb = tokens.word(start).unwrap_or_default();
        // `select … into t` makes a table: there are no variables here.
        if verb == "select" && all.clone().any(|at| tokens.is(at, &["into"]) && !tokens.follows(at, &["insert", "merge"])) {
            verb = "select into".to_owned();
        }
        block.statements.push(Statement { bytes: tokens.bytes(&all), kind: Kind::Sql { verb, into: Vec::new(), all } });
    }
    Ok(block)
}

struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    position: usize,
    depth: usize,
}

impl Reader<'_, '_> {
    fn at(&self, words: &[&str]) -> bool {
        self.tokens.is(self.position, words)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.at(&[word]);
        self.position += usize::from(found);
        found
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let here = self.position..(self.position + 1).min(self.tokens.len());
        let found = if here.is_empty() { "the end".to_owned() } else { format!("`{}`", self.tokens.text(self.position)) };
        Error::new(self.tokens.bytes(&here), format!("expected {wanted}, found {found}"))
    }

    fn require(&mut self, word: &str) -> Result<(), Error> {
        if self.take(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn semicolon(&mut self) -> Result<(), Error> {
        if !self.tokens.is_kind(self.position, TokenKind::Semicolon) {
            return Err(self.unexpected("`;`"));
        }
        self.position += 1;
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAXIMUM_DEPTH { Err(self.unexpected("less nesting")) } else { Ok(()) }
    }

    fn label(&mut self) -> Option<String> {
        if !self.tokens.is_operator(self.position, &["<<"]) || !self.tokens.is_operator(self.position + 2, &[">>"]) {
            return None;
        }
        self.position += 3;
        self.tokens.name(self.position - 2)
    }

    fn end_label(&mut self) {
        if self.tokens.name(self.position).is_some() {
            self.position += 1;
        }
    }

    fn block(&mut self, label: Option<String>) -> Result<Block, Error> {
        self.enter()?;
        let mut block = Block { label, ..Block::default() };
        // `declare` may be repeated.
        while self.take("declare") {
            while !self.at(&["begin", "declare"]) {
                block.declarations.push(self.declaration()?);
            }
        }
        self.require("begin")?;
        block.statements = self.statements()?;
        if self.take("exception") {
            while self.at(&["when"]) {
                let start = self.position;
                self.position += 1;
                self.until(&["then"], false)?;
                let bytes = self.tokens.bytes(&(start..self.position));
                self.require("then")?;
                block.handlers.push(Handler { bytes, statements: self.statements()? });
            }
        }
        self.require("end")?;
        self.end_label();
        self.depth -= 1;
        Ok(block)
    }

    fn declaration(&mut self) -> Result<Declaration, Error> {
        let start = self.position;
        self.until(&[], true)?;
        let end = self.position;
        self.semicolon()?;
        let Some(name) = self.tokens.name(start) else {
            self.position = start;
            return Err(self.unexpected("a declaration"));
        };
        let bytes = self.tokens.bytes(&(start..start + 1));
        let cursor = (start..end).find(|at| self.tokens.is(*at, &["cursor"]) && !self.tokens.is_kind(at + 1, TokenKind::Dot));
        if let Some(cursor) = cursor {
            let query = (cursor..end).find(|at| self.tokens.is(*at, &["for", "is"]));
            // Behind CURSOR stand its parameters.
            let data_type = start + 1..query.unwrap_or(end);
            return Ok(Declaration { name, bytes, data_type, initial: query.map(|at| at + 1..end), is_cursor: true });
        }
        let is_initial = |at: &usize| {
            self.tokens.is_kind(*at, TokenKind::ColonEquals) || self.tokens.is_operator(*at, &["="]) || self.tokens.is(*at, &["default"])
        };
        let initial = (start + 1..end).find(is_initial);
        let data_type = start + 1..initial.unwrap_or(end);
        Ok(Declaration { name, bytes, data_type, initial: initial.map(|at| at + 1..end), is_cursor: false })
    }

    fn statements(&mut self) -> Result<Vec<Statement>, Error> {
        let mut statements = Vec::new();
        while self.position < self.tokens.len() {
            let assigns = self.tokens.is_kind(self.position + 1, TokenKind::ColonEquals);
            if self.at(&["end", "else", "elsif", "elseif", "when", "exception"]) && !assigns {
                break;
            }
            statements.push(self.statement()?);
        }
        Ok(statements)
    }

    fn statement(&mut self) -> Result<Statement, Error> {
        let start = self.position;
        let label = self.label();
        let assigns = self.tokens.is_kind(self.position + 1, TokenKind::ColonEquals) || self.tokens.is_operator(self.position + 1, &["="]);
        let kind = if assigns {
            None
        } else if self.at(&["begin", "declare"]) {
            let head = self.tokens.bytes(&(self.position..self.position + 1));
            let block = self.block(label)?;
            self.semicolon()?;
            return Ok(Statement { bytes: head, kind: Kind::Block(block) });
        } else if self.at(&["loop", "while", "for", "foreach"]) {
            return self.a_loop(start, label);
        } else if self.take("if") {
            Some(self.an_if()?)
        } else if self.take("case") {
            Some(self.a_case()?)
        } else {
            None
        };
        if let Some(kind) = kind {
            let head = match &kind {
                Kind::If { branches, .. } => branches.first().map_or(start + 1, |branch| branch.condition.end),
                _ => start + 1,
            };
            self.semicolon()?;
            return Ok(Statement { bytes: self.tokens.bytes(&(start..head)), kind });
        }
        let start = self.position;
        self.until(&[], true)?;
        let all = start..self.position;
        if all.is_empty() {
            return Err(self.unexpected("a statement"));
        }
        let kind = simple(self.tokens, all.clone())?;
        self.semicolon()?;
        Ok(Statement { bytes: self.tokens.bytes(&all), kind })
    }

    fn a_loop(&mut self, start: usize, label: Option<String>) -> Result<Statement, Error> {
        self.enter()?;
        let first = self.position;
        self.until(&["loop"], false)?;
        let end = self.position;
        let header = if first == end {
            Header::Endless
        } else if self.tokens.is(first, &["while"]) {
            Header::While(first + 1..end)
        } else {
            let source = (first..end).find(|at| self.tokens.is(*at, &["in"])).map_or(end, |at| at + 1);
            let is_foreach = self.tokens.is(first, &["foreach"]);
            let is_slice = |at: usize| is_foreach && self.tokens.is(at, &["slice"]) && self.tokens.is_kind(at + 1, TokenKind::Integer);
            let names = (first + 1..source.max(first + 1) - 1).filter(|at| !self.tokens.follows_kind(*at, TokenKind::Dot) && !is_slice(*at));
            let runs = ["select", "with", "values", "table", "insert", "update", "delete", "merge", "execute"];
            let is_query = self.tokens.is(source, &runs) || self.tokens.is_kind(source, TokenKind::LeftParenthesis);
            let counts = (source..end).any(|at| self.tokens.is_kind(at, TokenKind::DotDot));
            Header::Each {
                targets: names.filter_map(|at| self.tokens.name(at)).collect(),
                declares: counts || !is_foreach && !is_query,
                source: source..end,
                all: first..end,
            }
        };
        self.require("loop")?;
        let statements = self.statements()?;
        self.require("end")?;
        self.require("loop")?;
        self.end_label();
        self.semicolon()?;
        self.depth -= 1;
        let bytes = self.tokens.bytes(&(start..end.max(start + 1)));
        Ok(Statement { bytes, kind: Kind::Loop { label, header, statements } })
    }

    fn an_if(&mut self) -> Result<Kind, Error> {
        self.enter()?;
        let mut branches = vec![self.branch()?];
        while self.take("elsif") || self.take("elseif") {
            branches.push(self.branch()?);
        }
        let otherwise = if self.take("else") { self.statements()? } else { Vec::new() };
        self.require("end")?;
        self.require("if")?;
        self.depth -= 1;
        Ok(Kind::If { branches, otherwise })
    }

    fn a_case(&mut self) -> Result<Kind, Error> {
        self.enter()?;
        let operand = self.part(&["when"])?;
        let mut branches = Vec::new();
        while self.take("when") {
            branches.push(self.branch()?);
        }
        let otherwise = if self.take("else") { Some(self.statements()?) } else { None };
        self.require("end")?;
        self.require("case")?;
        self.depth -= 1;
        Ok(Kind::Case { operand: Some(operand).filter(|part| !part.is_empty()), branches, otherwise })
    }

    /// `condition then statements`
    fn branch(&mut self) -> Result<Branch, Error> {
        let condition = self.part(&["then"])?;
        self.require("then")?;
        Ok(Branch { condition, statements: self.statements()? })
    }

    fn part(&mut self, words: &[&str]) -> Result<Part, Error> {
        let start = self.position;
        self.until(words, false)?;
        Ok(start..self.position)
    }

    /// Goes to the first `;` or one of `words` outside of parentheses. The end of the text ends a statement of an SQL body.
    fn until(&mut self, words: &[&str], may_end: bool) -> Result<(), Error> {
        let mut depth = 0;
        while self.position < self.tokens.len() {
            depth += self.tokens.turn(self.position);
            let is_semicolon = self.tokens.is_kind(self.position, TokenKind::Semicolon);
            if depth < 0 || is_semicolon && depth > 0 {
                return Err(self.unexpected("balanced parentheses"));
            }
            if is_semicolon {
                return if words.is_empty() { Ok(()) } else { Err(self.unexpected(&format!("`{}`", words.join("` or `")))) };
            }
            // `case when … then … end` inside an expression: PL/pgSQL itself would end the expression there.
            if depth == 0 && self.at(words) {
                return Ok(());
            }
            if self.at(&["begin"]) && self.tokens.is(self.position + 1, &["atomic"]) {
                let here = self.tokens.bytes(&(self.position..self.position + 2));
                return Err(Error::new(here, "`begin atomic` holds statements of its own"));
            }
            self.position += 1;
        }
        if may_end && words.is_empty() && depth == 0 { Ok(()) } else { Err(self.unexpected("the end of a statement")) }
    }
}
