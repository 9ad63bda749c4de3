//! The fields of records: those of the queries that are selected into them, where all of these can be told.

use std::collections::{BTreeMap, BTreeSet};

use super::syntax::{Block, Header, Kind, Part, Statement};
use super::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// By variable; none of one that is set by something whose columns nobody knows here.
pub fn records(block: &Block, tokens: &Tokens<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut reader = Reader { tokens, fields: BTreeMap::new(), open: BTreeSet::new() };
    reader.block(block);
    let Reader { mut fields, open, .. } = reader;
    // One that is never set is told by nobody.
    fields.retain(|name, fields| !open.contains(name) && !fields.is_empty());
    fields
}

struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    fields: BTreeMap<String, BTreeSet<String>>,
    open: BTreeSet<String>,
}

impl Reader<'_, '_> {
    fn block(&mut self, block: &Block) {
        for declaration in &block.declarations {
            let is_record = declaration.data_type.len() == 1 && self.tokens.is(declaration.data_type.start, &["record"]);
            // Two of one name are not told apart.
            if !is_record || declaration.initial.is_some() || self.fields.insert(declaration.name.clone(), BTreeSet::new()).is_some() {
                self.open.insert(declaration.name.clone());
            }
        }
        self.statements(&block.statements);
        block.handlers.iter().for_each(|handler| self.statements(&handler.statements));
    }

    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            match &statement.kind {
                Kind::Block(block) => self.block(block),
                Kind::If { branches, otherwise } => {
                    branches.iter().for_each(|branch| self.statements(&branch.statements));
                    self.statements(otherwise);
                }
                Kind::Case { branches, otherwise, .. } => {
                    branches.iter().for_each(|branch| self.statements(&branch.statements));
                    self.statements(otherwise.as_deref().unwrap_or_default());
                }
                Kind::Loop { header, statements, .. } => {
                    if let Header::Each { targets, source, .. } = header {
                        self.set(targets, source);
                    }
                    self.statements(statements);
                }
                Kind::Assign { target, .. } => self.open.extend([target.clone()]),
                Kind::Sql { into, all, .. } => self.set(into, all),
                Kind::Execute { into, .. } => self.open.extend(into.iter().cloned()),
                Kind::Cursor { all, .. } => self.open.extend(all.clone().filter_map(|at| self.tokens.name(at))),
                _ => {}
            }
        }
    }

    fn set(&mut self, targets: &[String], query: &Part) {
        match (targets, columns(self.tokens, query)) {
            ([target], Some(columns)) => self.fields.entry(target.clone()).or_default().extend(columns),
            _ => self.open.extend(targets.iter().cloned()),
        }
    }
}

/// What a query calls its columns; `None` where one of them cannot be told.
pub(super) fn columns(tokens: &Tokens<'_>, query: &Part) -> Option<Vec<String>> {
    if !tokens.is(query.start, &["select"]) {
        return None;
    }
    let mut columns = Vec::new();
    let (mut depth, mut start) = (0, query.start + 1);
    for at in query.start + 1..=query.end {
        depth += tokens.turn(at);
        let ends = at == query.end || tokens.is(at, &["into", "from", "where", "order", "limit", "for"]) && !tokens.follows(at, &["distinct"]);
        if depth == 0 && (ends || tokens.is_kind(at, TokenKind::Comma)) {
            columns.extend(column(tokens, &(start..at))?);
            start = at + 1;
        }
        if depth == 0 && ends {
            return Some(columns);
        }
    }
    None
}

/// The name of a column: nothing of an expression without one; `None` where it cannot be told.
fn column(tokens: &Tokens<'_>, item: &Part) -> Option<Option<String>> {
    let last = item.end.checked_sub(1).filter(|last| item.contains(last))?;
    let name = tokens.name(last);
    if tokens.follows(last, &["as"]) {
        return name.map(Some);
    }
    // `t.a`, `a`, and nothing besides.
    let is_column = item.len() == 1 || item.clone().all(|at| tokens.is_kind(at, TokenKind::Dot) || tokens.name(at).is_some());
    let alternates = item.clone().skip(1).step_by(2).all(|at| tokens.is_kind(at, TokenKind::Dot)) && item.len() % 2 == 1;
    (is_column && alternates && name.is_some() && !tokens.is_keyword(last)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plpgsql::read;

    fn of(statements: &str) -> String {
        let text = format!("declare r record; s record; begin {statements} end");
        let tokens = Tokens::new(&text).expect(&text);
        let block = read::plpgsql(&tokens).unwrap_or_else(|_| panic!("{text}"));
        let written = |(name, fields): (String, BTreeSet<String>)| format!("{name}: {}", fields.into_iter().collect::<Vec<_>>().join(" "));
        records(&block, &tokens).into_iter().map(written).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn fields_are_known_where_all_of_them_are() {
        for (statements, expected) in [
            ("select t.a, b, f(x) as c into r from public.t;", "r: a b c"),
            ("select t.a into strict r from public.t; for s in select u.b from public.u loop null; end loop;", "r: a, s: b"),
            ("select t.a into r from public.t; select t.b into r from public.t;", "r: a b"),
            // Nobody says here what these are called, or which there are.
            ("select * into r from public.t;", ""),
            ("select t.a, count(*) into r from public.t;", ""),
            ("select t.a::text into r from public.t;", ""),
            ("select t.a into r from public.t; r := public.f();", ""),
            ("execute 'select 1' into r;", ""),
            ("insert into public.t (a) values (1) returning a into r;", ""),
            ("for s in execute 'select 1' loop null; end loop;", ""),
        ] {
            assert_eq!(of(statements), expected, "{statements}");
        }
    }
}
