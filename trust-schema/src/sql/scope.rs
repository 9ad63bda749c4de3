//! Which names are bound where, inside one expression or query.

use super::references::{Candidate, RelationReference, Target};

/// What a FROM clause binds a name to.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    /// The name that qualifies its columns; none for a sub-query without alias.
    pub(super) alias: Option<String>,
    /// The index of the relation, none for everything else.
    pub(super) relation: Option<usize>,
    /// Its columns when the text tells them all.
    pub(super) columns: Option<Vec<String>>,
}

/// The columns of a name of a WITH clause, when the text tells them all.
#[derive(Debug, Clone)]
pub(super) struct CommonTable {
    pub(super) name: String,
    pub(super) columns: Option<Vec<String>>,
}

/// One query: what its FROM clause binds, its WITH clause, and the names of its output columns.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) bound: Vec<Bound>,
    pub(super) common_tables: Vec<CommonTable>,
    pub(super) output: Vec<String>,
}

/// The queries around the current place, outermost first.
#[derive(Debug, Default)]
pub(super) struct Scopes(pub(super) Vec<Scope>);

impl Scopes {
    pub(super) fn common_table(&self, name: &str) -> Option<&CommonTable> {
        self.0.iter().rev().find_map(|scope| scope.common_tables.iter().rev().find(|table| table.name == name))
    }

    /// Resolves an unqualified name.
    pub(super) fn unqualified(&self, column: &str) -> Target {
        let mut levels = Vec::new();
        let mut only_local = true;
        for scope in self.0.iter().rev() {
            if scope.output.iter().any(|name| name == column) && levels.is_empty() {
                return Target::Local;
            }
            let candidates: Vec<_> = scope.bound.iter().filter_map(|bound| candidate(bound, column)).collect();
            if candidates.is_empty() {
                continue;
            }
            only_local &= candidates.iter().all(|candidate| *candidate == Candidate::Local);
            let decided = candidates.contains(&Candidate::Local);
            levels.push(candidates);
            if decided {
                break;
            }
        }
        match (levels.is_empty(), only_local) {
            (true, _) => Target::Outer,
            (false, true) => Target::Local,
            (false, false) => Target::Candidates(levels),
        }
    }

    /// Resolves a name with a qualifier of one or two parts.
    pub(super) fn qualified(&self, qualifier: &[String], relations: &[RelationReference]) -> Target {
        let found = self.0.iter().rev().flat_map(|scope| scope.bound.iter().rev()).find(|bound| match qualifier {
            [alias] => bound.alias.as_ref() == Some(alias),
            // `schema.table.column` works as long as the table has no alias.
            [schema, table] => bound
                .relation
                .and_then(|index| relations.get(index))
                .is_some_and(|relation| relation.alias.is_none() && relation.schema.as_ref() == Some(schema) && &relation.name == table),
            _ => false,
        });
        match found {
            None => Target::Outer,
            Some(bound) => bound.relation.map_or(Target::Local, Target::Relation),
        }
    }
}

fn candidate(bound: &Bound, column: &str) -> Option<Candidate> {
    if let Some(columns) = &bound.columns {
        if columns.iter().any(|name| name == column) {
            return Some(Candidate::Local);
        }
    } else {
        return Some(match bound.relation {
            Some(relation) if bound.alias.as_deref() != Some(column) => Candidate::Relation(relation),
            Some(_) => Candidate::WholeRow,
            None => Candidate::Unknown,
        });
    }
    (bound.alias.as_deref() == Some(column)).then_some(Candidate::WholeRow)
}
