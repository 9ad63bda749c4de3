//! Where a statement uses what the caller supplied as an identity.

use std::collections::BTreeSet;

use super::super::syntax::Part;
use super::super::tokens::Tokens;
use super::columns::Columns;
use super::flow::Flow;
use super::regions;
use crate::sql::lexer::TokenKind;

/// A use.
#[derive(Debug)]
pub(super) struct Use {
    /// The tainted value.
    pub(super) expression: Part,
    /// The column that it is compared with; empty elsewhere.
    pub(super) column: Part,
    pub(super) place: Place,
    /// The query around a predicate.
    pub(super) query: Part,
    /// The identities of the relations that the statement names.
    identities: BTreeSet<String>,
}

/// What a value is used for.
#[derive(Debug)]
pub(super) enum Place {
    /// Rows are chosen by it.
    Predicate { column: String },
    /// It is written.
    Value { column: String },
    /// It is given to functions of a name.
    Argument { functions: Vec<usize>, number: usize, arguments: Vec<Part> },
    /// It becomes a part of a statement that nobody can follow.
    Dynamic,
}

impl Use {
    /// Whether another part is a column that says to whom a row belongs.
    pub(super) fn names(&self, tokens: &Tokens<'_>, part: &Part) -> bool {
        column(tokens, part).is_some_and(|column| self.identities.contains(&column))
    }
}

/// All uses in a statement.
pub(super) fn uses(flow: &Flow<'_, '_, '_>, part: &Part, identities: &Columns) -> Vec<Use> {
    let tokens = flow.tokens();
    let mut found = Vec::new();
    if !flow.is_tainted(part) {
        return found;
    }
    let columns = columns(tokens, part, identities);
    let used = |expression: Part, place: Place| Use { expression, column: 0..0, place, query: 0..0, identities: BTreeSet::new() };
    for at in part.clone() {
        if !columns.is_empty() {
            comparison(flow, at, part, &columns, &mut found);
        }
        if tokens.is(at, &["insert"]) && tokens.is(at + 1, &["into"]) {
            inserted(flow, at + 2, part, identities, &mut |expression, column| found.push(used(expression, Place::Value { column })));
        }
        if tokens.is(at, &["execute"]) && !tokens.follows_kind(at, TokenKind::Dot) && flow.is_tainted(&(at..part.end)) {
            found.push(used(at + 1..part.end, Place::Dynamic));
        }
        if let Some((name, behind)) = tokens.dotted(at, part.end).filter(|_| !tokens.follows_kind(at, TokenKind::Dot))
            && behind < part.end
            && tokens.is_kind(behind, TokenKind::LeftParenthesis)
        {
            let functions = flow.system.find(&name).to_vec();
            let given = flow.arguments(&(behind..tokens.behind(behind, part.end)), functions.first().copied());
            // What is left out has its default.
            let arguments: Vec<Part> = given.into_iter().map(Option::unwrap_or_default).collect();
            for (number, argument) in arguments.iter().enumerate().filter(|(_, argument)| flow.is_tainted(argument)) {
                let place = Place::Argument { functions: functions.clone(), number, arguments: arguments.clone() };
                found.push(used(argument.clone(), place));
            }
        }
    }
    found
}

/// The identities of every relation that a statement names.
fn columns(tokens: &Tokens<'_>, part: &Part, identities: &Columns) -> BTreeSet<String> {
    let named = part.clone().filter(|at| !tokens.follows_kind(*at, TokenKind::Dot)).filter_map(|at| tokens.dotted(at, part.end));
    let of = named.filter_map(|(name, _)| match name.as_slice() {
        [schema, relation, ..] => identities.of(schema, relation),
        _ => None,
    });
    of.flatten().cloned().collect()
}

/// The last name of a reference to a column.
fn column(tokens: &Tokens<'_>, part: &Part) -> Option<String> {
    let (name, behind) = tokens.dotted(part.start, part.end)?;
    name.last().cloned().filter(|_| behind == part.end)
}

/// `column = value` and the like, and `set column = value`.
fn comparison(flow: &Flow<'_, '_, '_>, at: usize, part: &Part, columns: &BTreeSet<String>, found: &mut Vec<Use>) {
    let tokens = flow.tokens();
    let left_end = if tokens.is_operator(at, &["="]) {
        at
    } else if tokens.is(at, &["in"]) && tokens.is_kind(at + 1, TokenKind::LeftParenthesis) {
        at - usize::from(tokens.follows(at, &["not"]) && at > part.start)
    } else if tokens.is(at, &["from"]) && tokens.follows(at, &["distinct"]) {
        let is = at - 2;
        is - usize::from(tokens.is(is, &["not"]) && is > part.start)
    } else {
        return;
    };
    let left = regions::left(tokens, left_end.max(part.start), part.start);
    let right = regions::right(tokens, at, part.end);
    for (side, value) in [(&left, &right), (&right, &left)] {
        let base = flow.base(side);
        let known = |part: &Part| column(tokens, part).filter(|column| columns.contains(column) && !flow.taint.has(column));
        let listed = || {
            let inner = base.start + 1..base.end.saturating_sub(1);
            let is_list = tokens.is_kind(base.start, TokenKind::LeftParenthesis) && !tokens.is(base.start + 1, &["select"]);
            regions::list(tokens, if is_list { &inner } else { &base }).iter().find_map(known)
        };
        if let Some(column) = known(&base).or_else(listed).filter(|_| flow.is_tainted(value)) {
            let place = if is_assignment(tokens, &left, at, part) { Place::Value { column } } else { Place::Predicate { column } };
            let query = regions::query(tokens, at, part);
            found.push(Use { expression: value.clone(), column: base, place, query, identities: columns.clone() });
            return;
        }
    }
}

/// Whether `=` belongs to the SET of an UPDATE.
fn is_assignment(tokens: &Tokens<'_>, left: &Part, at: usize, part: &Part) -> bool {
    if !tokens.is_operator(at, &["="]) {
        return false;
    }
    let mut depth = 0;
    for before in (part.start..left.start).rev() {
        depth -= tokens.turn(before);
        if depth < 0 {
            return false;
        }
        if depth == 0 && tokens.is(before, &["where", "on", "and", "or", "when", "select", "from", "having", "using", "if", "elsif"]) {
            return false;
        }
        if depth == 0 && tokens.is(before, &["set"]) {
            return true;
        }
    }
    false
}

/// The values of an INSERT, by column.
fn inserted(flow: &Flow<'_, '_, '_>, at: usize, part: &Part, identities: &Columns, take: &mut dyn FnMut(Part, String)) {
    let tokens = flow.tokens();
    let Some((name, mut next)) = tokens.dotted(at, part.end) else { return };
    let [schema, relation] = name.as_slice() else { return };
    let Some(columns) = identities.of(schema, relation) else { return };
    if tokens.is(next, &["as"]) {
        next += 2;
    }
    let mut names = None;
    if tokens.is_kind(next, TokenKind::LeftParenthesis) && !tokens.is(next + 1, &["select"]) {
        let end = tokens.behind(next, part.end);
        let list = regions::list(tokens, &(next + 1..end.saturating_sub(1)));
        names = Some(list.iter().map(|part| tokens.name(part.start).unwrap_or_default()).collect::<Vec<_>>());
        next = end;
    }
    while next < part.end && !tokens.is(next, &["values", "select", "with", "default"]) {
        next += 1;
    }
    let mut tuple = |values: &Part| {
        for (place, value) in regions::list(tokens, values).into_iter().enumerate().filter(|(_, value)| flow.is_tainted(value)) {
            // Without a list of columns nobody can tell which one it is.
            match names.as_ref().map(|names| names.get(place).cloned().unwrap_or_default()) {
                Some(name) if columns.contains(&name) => take(value, name),
                None => take(value, columns.first().cloned().unwrap_or_default()),
                Some(_) => {}
            }
        }
    };
    if tokens.is(next, &["values"]) {
        let mut at = next + 1;
        while tokens.is_kind(at, TokenKind::LeftParenthesis) && at < part.end {
            let end = tokens.behind(at, part.end);
            tuple(&(at + 1..end.saturating_sub(1)));
            at = end + usize::from(tokens.is_kind(end, TokenKind::Comma));
        }
    } else if tokens.is(next, &["select"]) {
        let mut depth = 0;
        let end = (next + 1..part.end).find(|at| {
            depth += tokens.turn(*at);
            depth < 0 || depth == 0 && tokens.is(*at, &["from", "where", "on", "returning", "union", "limit", "order"])
        });
        tuple(&(next + 1..end.unwrap_or(part.end)));
    }
}
