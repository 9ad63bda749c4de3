//! Expressions as trees.

use std::ops::ControlFlow;
use std::sync::Arc;

use sqlparser::ast::{Expr, Visit, Visitor};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::Error;
use super::fragment;
use super::positions::Positions;
use super::walk::Walker;

pub use super::references::{Candidate, ColumnReference, FunctionCall, References, RelationReference, Target, TypeReference};

/// How deep the parser may recurse; `not not …` is one level for each word. Its stack grows on the heap, and
/// [`fragment::MAXIMUM_DEPTH`] has bounded the parentheses before.
const RECURSION_LIMIT: usize = 300;

/// One expression that passed [`fragment::check_expression`].
///
/// Copies share the tree, and comparing and printing use the text: the tree can be as deep as the text is long, and a derived `Clone` or
/// `Debug` would walk it on the stack.
#[derive(Clone)]
pub struct Expression {
    text: Arc<str>,
    tree: Arc<Expr>,
    references: Arc<References>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Expression").field(&self.text).finish()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Expression {
    /// The tree of `sqlparser`: for analysis, never to be printed.
    pub fn tree(&self) -> &Expr {
        &self.tree
    }
}

/// Reads exactly one expression.
///
/// # Errors
/// The text is not contained (see [`fragment::check_expression`]), is no single expression, or holds a form that PostgreSQL does not have.
pub fn parse(text: &str) -> Result<Expression, Error> {
    let mut parser = begin(text)?;
    let tree = parser.parse_expr().map_err(|error| convert(&error, &parser, text))?;
    end(&parser, text)?;
    if matches!(tree, Expr::QualifiedWildcard(..)) {
        return Err(Error::new(0..text.len(), "all columns of a table are no expression"));
    }
    let mut walker = Walker::new(text);
    walker.expression(&tree);
    let references = walker.finish()?;
    Ok(Expression { text: text.into(), tree: Arc::new(tree), references: Arc::new(references) })
}

/// What the expression refers to.
pub fn references(expression: &Expression) -> &References {
    &expression.references
}

/// Whether a query stands anywhere in the expression.
pub fn has_query(expression: &Expression) -> bool {
    struct Finder;
    impl Visitor for Finder {
        type Break = ();
        fn pre_visit_query(&mut self, _query: &sqlparser::ast::Query) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }
    expression.tree.visit(&mut Finder).is_break()
}

/// A call of a function outside of any sub-query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OuterCall {
    /// The schema as written, folded.
    pub schema: Option<String>,
    /// The function's name, folded.
    pub name: String,
    /// `f(…) over …`
    pub is_window: bool,
}

/// The calls outside of sub-queries, outermost first.
pub fn outer_calls(expression: &Expression) -> Vec<OuterCall> {
    struct Finder {
        depth: usize,
        calls: Vec<OuterCall>,
    }
    impl Visitor for Finder {
        type Break = ();
        fn pre_visit_query(&mut self, _query: &sqlparser::ast::Query) -> ControlFlow<()> {
            self.depth += 1;
            ControlFlow::Continue(())
        }
        fn post_visit_query(&mut self, _query: &sqlparser::ast::Query) -> ControlFlow<()> {
            self.depth -= 1;
            ControlFlow::Continue(())
        }
        fn pre_visit_expr(&mut self, tree: &Expr) -> ControlFlow<()> {
            if let (0, Expr::Function(call)) = (self.depth, tree) {
                let part = |part: &sqlparser::ast::ObjectNamePart| {
                    part.as_ident()
                        .map(|name| if name.quote_style.is_some() { name.value.clone() } else { super::identifier::fold(&name.value).into_owned() })
                };
                let mut parts: Vec<String> = call.name.0.iter().filter_map(part).collect();
                if let Some(name) = parts.pop() {
                    self.calls.push(OuterCall { schema: parts.pop(), name, is_window: call.over.is_some() });
                }
            }
            ControlFlow::Continue(())
        }
    }
    let mut finder = Finder { depth: 0, calls: Vec::new() };
    let _ = expression.tree.visit(&mut finder);
    finder.calls
}

/// Whether the whole expression is one call of a function.
pub fn is_call(expression: &Expression) -> bool {
    matches!(&*expression.tree, Expr::Function(call) if call.over.is_none() && call.filter.is_none() && call.within_group.is_empty())
}

/// A parser for a text that is contained.
pub(super) fn begin(text: &str) -> Result<Parser<'static>, Error> {
    if let Err(errors) = fragment::check_expression(text)
        && let Some(error) = errors.into_iter().next()
    {
        return Err(error);
    }
    let parser = Parser::new(&PostgreSqlDialect {}).with_recursion_limit(RECURSION_LIMIT);
    parser.try_with_sql(text).map_err(|error| Error::new(0..text.len(), message(&error)))
}

/// Nothing may be left.
pub(super) fn end(parser: &Parser<'_>, text: &str) -> Result<(), Error> {
    let next = parser.peek_token();
    if next.token == Token::EOF {
        return Ok(());
    }
    let start = Positions::new(text).byte(next.span.start).unwrap_or(0);
    Err(Error::new(start..text.len(), format!("unexpected `{}`", next.token)))
}

/// The parser's errors have their position in their text only; the token it stopped at is the better place.
pub(super) fn convert(error: &ParserError, parser: &Parser<'_>, text: &str) -> Error {
    let positions = Positions::new(text);
    let found = message(error);
    let written = found.rsplit_once(" at Line: ").and_then(|(_, place)| {
        let (line, column) = place.split_once(", Column: ")?;
        Some(sqlparser::tokenizer::Location { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? })
    });
    let location = written.unwrap_or(parser.peek_token().span.start);
    let start = positions.byte(location).unwrap_or(text.len());
    let end = text.get(start..).and_then(|rest| rest.chars().next()).map_or(start, |character| start + character.len_utf8());
    let found = found.rsplit_once(" at Line: ").map_or(found.as_str(), |(message, _)| message);
    Error::new(start..end, found.replace("found: EOF", "found the end").replace(", found: ", ", found ").replace("expected: ", "expected "))
}

fn message(error: &ParserError) -> String {
    let mut message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.clone(),
        ParserError::RecursionLimitExceeded => "the text is nested too deeply".to_owned(),
    };
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    message
}

#[cfg(test)]
#[path = "expression_tests.rs"]
mod tests;
