//! `exists (select from …)` over rows on which the row hangs, and over memberships of the caller.

use super::formula::{Formula, Reader, Set, Term, is_caller, reads_row};
use super::scopes::Named;
use super::{Membership, Parent};
use crate::lint::expression::{Query, Tree, Truth};

impl Reader<'_> {
    /// True or false where every relation is understood: the row to which a key leads, or the caller's memberships.
    pub fn exists(&mut self, query: &Query) -> Formula {
        let open = Formula::Open(Truth::TRUE.or(Truth::FALSE));
        if !query.plain || !query.calls.is_empty() || query.relations.len() != query.aliases.len() {
            return open;
        }
        let outside = self.names.len();
        self.names.extend(query.aliases.iter().map(|alias| (alias.clone(), Named::Other)));
        self.lists.push(query.aliases.len());
        let read = self.joined(query, outside);
        self.lists.pop();
        self.names.truncate(outside);
        read.unwrap_or(open)
    }

    fn joined(&mut self, query: &Query, outside: usize) -> Option<Formula> {
        let conjuncts: Vec<&Tree> = query.conditions.iter().flat_map(Tree::conjuncts).collect();
        let mut parts = Vec::new();
        // One key leads to the row from which the next one leads on.
        loop {
            let known = self.names.clone();
            for (place, (schema, table)) in query.relations.iter().enumerate() {
                if self.names.get(outside + place).is_some_and(|(_, named)| *named == Named::Other)
                    && let Some(schema) = schema
                    && let Some(scope) = self.hangs_on(schema, table, outside + place, query, &conjuncts)
                {
                    parts.push(self.shown(scope));
                    self.names.get_mut(outside + place)?.1 = Named::Scope(scope);
                }
            }
            if known == self.names {
                break;
            }
        }
        let mut used: Vec<&Tree> = Vec::new();
        for (place, (schema, table)) in query.relations.iter().enumerate() {
            let (alias, named) = self.names.get(outside + place)?.clone();
            if named != Named::Other {
                continue;
            }
            let ground = self.ground;
            let membership = ground.membership(schema, table)?;
            let own: Vec<&Tree> = conjuncts.iter().copied().filter(|tree| mentions(tree, &alias, query)).collect();
            parts.push(self.member_of(membership, &alias, query, &own)?);
            used.extend(own);
        }
        for conjunct in conjuncts.iter().filter(|conjunct| !used.iter().any(|used| std::ptr::eq(*used, **conjunct))) {
            parts.push(self.formula(conjunct));
        }
        Some(Formula::Is(Box::new(Formula::And(parts)), Truth::TRUE))
    }

    /// The scope of a relation whose key is compared with the columns of one that is known.
    fn hangs_on(&mut self, schema: &str, table: &str, place: usize, query: &Query, conjuncts: &[&Tree]) -> Option<usize> {
        let alias = self.names.get(place)?.0.clone();
        let known = self.names.iter().filter_map(|(_, named)| if let Named::Scope(scope) = named { Some(*scope) } else { None });
        let scopes: Vec<usize> = std::iter::once(self.base).chain(known).collect();
        for from in scopes {
            let parents = self.scopes.get(from)?.parents;
            for parent in parents.iter().filter(|parent| *parent.table.schema == *schema && *parent.table.name == *table) {
                if self.is_compared(from, parent, &alias, query, conjuncts) {
                    return Some(self.scope(from, parent));
                }
            }
        }
        None
    }

    fn is_compared(&mut self, from: usize, parent: &Parent<'_>, alias: &str, query: &Query, conjuncts: &[&Tree]) -> bool {
        parent.key.iter().all(|(own, there)| {
            let Some(own) = self.column(from, own) else { return false };
            conjuncts.iter().any(|tree| match tree {
                Tree::Binary { operator, left, right } if operator == "=" => [(left, right), (right, left)]
                    .into_iter()
                    .any(|(side, other)| is_column_of(side, alias, there, query) && self.term(other) == Some(Term::Variable(own))),
                _ => false,
            })
        })
    }

    /// `m.tenant = value and m.user = caller and …`: whether the value is a tenant of the caller.
    fn member_of(&mut self, membership: &Membership<'_>, alias: &str, query: &Query, conjuncts: &[&Tree]) -> Option<Formula> {
        let sides = |tree: &&Tree| match tree {
            Tree::Binary { operator, left, right } if operator == "=" => {
                vec![((**left).clone(), (**right).clone()), ((**right).clone(), (**left).clone())]
            }
            _ => Vec::new(),
        };
        let binds =
            |tree: &&Tree| sides(tree).iter().any(|(side, other)| is_column_of(side, alias, membership.user, query) && is_caller(other.core()));
        conjuncts.iter().find(|tree| binds(tree))?;
        let mut tenant = None;
        let mut rest = Vec::new();
        for tree in conjuncts {
            let value = sides(tree).into_iter().find(|(side, other)| {
                tenant.is_none() && is_column_of(side, alias, membership.tenant, query) && matches!(self.term(other), Some(Term::Variable(_)))
            });
            match value {
                Some((_, value)) => tenant = Some(value),
                None => rest.push((*tree).clone()),
            }
        }
        // What else it asks must be of the membership alone, or the set would depend on the row.
        let own = Query { relations: query.relations.clone(), aliases: vec![alias.to_owned()], conditions: rest, ..Query::default() };
        if reads_row(&own) {
            return None;
        }
        Some(self.member(&tenant?, Set::Memberships(own), Truth::FALSE, Truth::FALSE))
    }
}

/// Whether a tree is this column of a relation of the query.
fn is_column_of(tree: &Tree, alias: &str, wanted: &str, query: &Query) -> bool {
    match tree {
        Tree::Foreign { of: Some(of), column } => of == alias && column == wanted,
        Tree::Foreign { of: None, column } => query.aliases.len() == 1 && column == wanted,
        _ => false,
    }
}

/// Whether something of a relation stands in a tree. Of a query of one relation, everything is about it.
fn mentions(tree: &Tree, alias: &str, query: &Query) -> bool {
    query.aliases.len() == 1
        || tree.any(|part| match part {
            Tree::Foreign { of: Some(of), .. } => of == alias,
            Tree::Foreign { of: None, .. } => true,
            _ => false,
        })
}
