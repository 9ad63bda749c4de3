//! The expressions and SQL statements of a body, in the order of the text.

use std::ops::Range;

use super::syntax::{Block, Header, Kind, Part, Statement};

/// A piece of SQL in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// An expression, a query, or a statement that changes rows.
    Sql(Part),
    /// What stands behind RAISE: conditions and options are no names.
    Raise(Part),
    /// The bytes of a handler's conditions: `when a or b`.
    Conditions(Range<usize>),
    /// The type of a variable.
    Type(Part),
    /// A variable that is set, and the statement.
    Target(String, Part),
}

/// All pieces; statements whose words have meanings of their own (`get diagnostics`, `set`, `create`) are left out.
pub(super) fn pieces(block: &Block) -> Vec<Piece> {
    let mut found = Vec::new();
    of_block(block, &mut found);
    found
}

fn of_block(block: &Block, found: &mut Vec<Piece>) {
    for declaration in &block.declarations {
        if !declaration.is_cursor {
            found.push(Piece::Type(declaration.data_type.clone()));
        }
        found.extend(declaration.initial.clone().map(Piece::Sql));
    }
    block.statements.iter().for_each(|statement| of_statement(statement, found));
    for handler in &block.handlers {
        found.push(Piece::Conditions(handler.bytes.clone()));
        handler.statements.iter().for_each(|statement| of_statement(statement, found));
    }
}

/// The variables that a statement sets.
fn targets(names: &[String], all: &Part) -> impl Iterator<Item = Piece> {
    names.iter().map(|name| Piece::Target(name.clone(), all.clone()))
}

fn of_statement(statement: &Statement, found: &mut Vec<Piece>) {
    match &statement.kind {
        Kind::Block(block) => of_block(block, found),
        Kind::Assign { target, value, all } => {
            found.push(Piece::Target(target.clone(), all.clone()));
            found.push(Piece::Sql(value.clone()));
        }
        Kind::If { branches, otherwise } => {
            for branch in branches {
                found.push(Piece::Sql(branch.condition.clone()));
                branch.statements.iter().for_each(|inner| of_statement(inner, found));
            }
            otherwise.iter().for_each(|inner| of_statement(inner, found));
        }
        Kind::Case { operand, branches, otherwise } => {
            found.extend(operand.clone().map(Piece::Sql));
            for branch in branches {
                found.push(Piece::Sql(branch.condition.clone()));
                branch.statements.iter().for_each(|inner| of_statement(inner, found));
            }
            otherwise.iter().flatten().for_each(|inner| of_statement(inner, found));
        }
        Kind::Loop { header, statements, .. } => {
            match header {
                Header::While(condition) => found.push(Piece::Sql(condition.clone())),
                Header::Each { targets, source, all, .. } => {
                    found.extend(self::targets(targets, all));
                    found.push(Piece::Sql(source.clone()));
                }
                Header::Endless => {}
            }
            statements.iter().for_each(|inner| of_statement(inner, found));
        }
        Kind::Exit { when, .. } | Kind::Continue { when, .. } => found.extend(when.clone().map(Piece::Sql)),
        Kind::Return(part) | Kind::ReturnMore(part) | Kind::Assert(part) | Kind::Perform(part) => found.push(Piece::Sql(part.clone())),
        Kind::RaiseException(part) | Kind::RaiseNotice(part) => found.push(Piece::Raise(part.clone())),
        Kind::Sql { verb, into, all } => {
            found.extend(targets(into, all));
            if matches!(verb.as_str(), "select" | "with" | "values" | "insert" | "update" | "delete") {
                found.push(Piece::Sql(all.clone()));
            }
        }
        Kind::Execute { into, given, all } => {
            found.extend(targets(into, all));
            found.push(Piece::Sql(given.clone()));
        }
        Kind::Cursor { into, all } => found.extend(targets(into, all)),
        Kind::Null | Kind::Transaction => {}
    }
}
