//! Whose columns a condition names: of the row itself, or of one on which it hangs.

use std::collections::BTreeMap;

use super::formula::{Formula, Reader};
use super::{ColumnFacts, Parent, Shown};
use crate::lint::expression::{Tree, Truth};

/// A row whose columns can be named: the first is the row for which a condition is decided.
#[derive(Debug, Clone)]
pub struct Scope<'g> {
    pub columns: &'g BTreeMap<&'g str, ColumnFacts>,
    pub parents: &'g [Parent<'g>],
    /// The scope from whose row a key leads here; none of the row itself.
    pub from: Option<(usize, &'g Parent<'g>)>,
    /// Whether the caller is shown the row; read when it is asked for first.
    shown: Option<Formula>,
}

impl<'g> Scope<'g> {
    pub fn row(columns: &'g BTreeMap<&'g str, ColumnFacts>, parents: &'g [Parent<'g>]) -> Scope<'g> {
        Scope { columns, parents, from: None, shown: None }
    }
}

/// What a name in a sub-query stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Named {
    Scope(usize),
    /// Any row of some table.
    Other,
}

impl<'g> Reader<'g> {
    /// The scope to which a key leads.
    pub fn scope(&mut self, from: usize, parent: &'g Parent<'g>) -> usize {
        let same = |scope: &Scope<'g>| scope.from.is_some_and(|(known, by)| known == from && std::ptr::eq(by, parent));
        self.scopes.iter().position(same).unwrap_or_else(|| {
            self.scopes.push(Scope { columns: &parent.columns, parents: &parent.parents, from: Some((from, parent)), shown: None });
            self.scopes.len() - 1
        })
    }

    /// The columns of keys that must not be NULL for a scope to have a row.
    pub fn keys(&mut self, scope: usize) -> Vec<usize> {
        let Some((from, parent)) = self.scopes.get(scope).and_then(|scope| scope.from) else { return Vec::new() };
        let mut keys = self.keys(from);
        for (own, _) in &parent.key {
            keys.extend(self.column(from, own));
        }
        keys
    }

    /// What is true, or unknown, of every row, and of every row on which it hangs.
    pub fn checks(&mut self) -> Vec<Formula> {
        let ground = self.ground;
        let mut checks: Vec<Formula> = ground.checks.iter().map(|check| self.formula(check)).collect();
        let mut scope = 1;
        // A check may lead to no further scope: it asks no other row.
        while let Some((_, parent)) = self.scopes.get(scope).and_then(|scope| scope.from) {
            let missing: Vec<Formula> = self.keys(scope).into_iter().map(|key| Formula::IsNull(super::formula::Term::Variable(key))).collect();
            for check in &parent.checks {
                let holds = self.within(scope, |reader| reader.formula(check));
                checks.push(Formula::Or(missing.iter().cloned().chain([holds]).collect()));
            }
            scope += 1;
        }
        checks
    }

    /// Reads what is about the row of a scope.
    pub fn within<T>(&mut self, scope: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let (base, names, lists) = (self.base, std::mem::take(&mut self.names), std::mem::take(&mut self.lists));
        self.base = scope;
        let result = read(self);
        (self.base, self.names, self.lists) = (base, names, lists);
        result
    }

    /// Whether the caller is shown the row of a scope.
    pub fn shown(&mut self, scope: usize) -> Formula {
        let either = Formula::Open(Truth::TRUE.or(Truth::FALSE));
        let Some(known) = self.scopes.get(scope) else { return either };
        if let Some(shown) = &known.shown {
            return shown.clone();
        }
        let Some((_, parent)) = known.from else { return either };
        let shown = match &parent.shown {
            Shown::All => Formula::Open(Truth::TRUE),
            Shown::Unknown => either,
            Shown::Policies { permissive, restrictive } => self.within(scope, |reader| {
                let mut one = |policy: &Option<&'g Tree>| policy.map_or(Formula::Open(Truth::ANY), |tree| reader.formula(tree));
                let any = Formula::Or(permissive.iter().map(&mut one).collect());
                let all = restrictive.iter().map(&mut one).chain([any]).collect();
                Formula::Is(Box::new(Formula::And(all)), Truth::TRUE)
            }),
        };
        if let Some(known) = self.scopes.get_mut(scope) {
            known.shown = Some(shown.clone());
        }
        shown
    }

    /// The scope whose column a name in a sub-query is.
    pub fn named(&self, of: Option<&str>, column: &str) -> Option<usize> {
        let named = match of {
            Some(alias) => self.names.iter().rev().find(|(name, _)| name == alias).map(|(_, named)| *named),
            // Without the name of a relation it is certain where there is one, and it has such a column.
            None if self.lists.last() == Some(&1) => self.names.last().map(|(_, named)| *named),
            None => None,
        };
        match named {
            Some(Named::Scope(scope)) if self.scopes.get(scope).is_some_and(|known| known.columns.contains_key(column)) => Some(scope),
            _ => None,
        }
    }
}
