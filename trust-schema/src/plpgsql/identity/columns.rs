//! The columns that say to which tenant or user a row belongs.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::super::conditions::Judge;
use super::super::system::{Known, System};
use super::super::tokens::Tokens;
use super::super::variables::Variables;
use super::regions;
use crate::sql::lexer::TokenKind;

/// A column, all names unquoted.
type Column = (String, String, String);

/// What is known of columns from tables, keys and policies.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    /// Columns that are identities themselves.
    columns: Vec<Column>,
    /// Columns that hold what another column holds.
    references: Vec<(Column, Column)>,
    /// A relation and the condition of a policy on it.
    policies: Vec<(String, String, String)>,
}

/// By relation, its columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    by_relation: FxHashMap<(String, String), BTreeSet<String>>,
}

impl Identities {
    /// A column by which a tenant or a user is known.
    pub fn identity(&mut self, schema: &str, relation: &str, column: &str) {
        self.columns.push(column_of(schema, relation, column));
    }

    /// A column of a foreign key and the one that it refers to; each as schema, relation and column.
    pub fn reference(&mut self, from: [&str; 3], to: [&str; 3]) {
        let [from, to] = [from, to].map(|[schema, relation, column]| column_of(schema, relation, column));
        self.references.push((from, to));
    }

    /// The condition of a policy: what it compares with who calls is an identity.
    pub fn policy(&mut self, schema: &str, relation: &str, condition: &str) {
        self.policies.push((schema.to_owned(), relation.to_owned(), condition.to_owned()));
    }

    /// Follows foreign keys to the end.
    pub(super) fn settle(&self, system: &System<'_, '_>) -> Columns {
        let mut referring: FxHashMap<&Column, Vec<&Column>> = FxHashMap::default();
        for (from, to) in &self.references {
            referring.entry(to).or_default().push(from);
        }
        let compared: Vec<Column> =
            self.policies.iter().flat_map(|(schema, relation, condition)| of_policy(schema, relation, condition, system)).collect();
        let mut columns = Columns::default();
        let mut pending: Vec<&Column> = self.columns.iter().chain(&compared).collect();
        while let Some(column) = pending.pop() {
            let (schema, relation, name) = column;
            if columns.by_relation.entry((schema.clone(), relation.clone())).or_default().insert(name.clone()) {
                pending.extend(referring.get(column).into_iter().flatten());
            }
        }
        columns
    }
}

impl Columns {
    pub(super) fn of(&self, schema: &str, relation: &str) -> Option<&BTreeSet<String>> {
        self.by_relation.get(&(schema.to_owned(), relation.to_owned()))
    }
}

fn column_of(schema: &str, relation: &str, column: &str) -> Column {
    (schema.to_owned(), relation.to_owned(), column.to_owned())
}

/// The columns that a policy compares with who calls. What stands in a sub-query belongs to other relations.
fn of_policy(schema: &str, relation: &str, condition: &str, system: &System<'_, '_>) -> Vec<Column> {
    let Ok(tokens) = Tokens::new(condition) else { return Vec::new() };
    let nothing = Variables::default();
    let known = Known { system, variables: &nothing };
    let judge = Judge { tokens: &tokens, names: &known };
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens.is_kind(at, TokenKind::LeftParenthesis) && tokens.is(at + 1, &["select"]) {
            at = tokens.behind(at, tokens.len());
            continue;
        }
        if tokens.is_operator(at, &["="]) || tokens.is(at, &["in"]) {
            let (left, right) = (regions::left(&tokens, at, 0), regions::right(&tokens, at, tokens.len()));
            let right_asks = judge.mentions_identity(&right);
            let column = judge.compared(&left, &right).or(right_asks.then_some(&left));
            let name = column.and_then(|part| tokens.dotted(part.start, part.end).filter(|(_, behind)| *behind == part.end));
            match name.as_ref().map(|(name, _)| name.as_slice()) {
                Some([name]) => found.push(column_of(schema, relation, name)),
                Some([.., of, name]) if of == relation => found.push(column_of(schema, relation, name)),
                _ => {}
            }
        }
        at += 1;
    }
    found
}
