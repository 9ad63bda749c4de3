//! The names that a SELECT sees, and what its columns show.

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    TableAlias, TableFactor, TableWithJoins,
};

use super::{Origin, Views};
use crate::catalog::QualifiedName;

/// The columns of something in FROM, or of a query: names, and what they show unchanged.
type Columns = Vec<(String, Option<Origin>)>;

/// Something in FROM, under the name by which its columns are called.
pub struct Source {
    name: String,
    columns: Columns,
}

/// A common table expression.
pub type Common = Source;

impl Views<'_> {
    /// What the columns of a query show. None where the query is not understood, or combines several SELECTs, which hides all origins.
    pub(super) fn query(&mut self, query: &Query, outer: &[&Common]) -> Option<Vec<Option<Origin>>> {
        let mut own: Vec<Common> = Vec::new();
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            let common: Vec<&Common> = outer.iter().copied().chain(&own).collect();
            let columns = self.named(&table.query, &common).unwrap_or_default();
            own.push(Source { name: folded(&table.alias.name), columns: renamed(columns, &table.alias) });
        }
        let common: Vec<&Common> = outer.iter().copied().chain(&own).collect();
        Some(self.body(&query.body, &common)?.into_iter().map(|(_, origin)| origin).collect())
    }

    /// The columns of a query with their names.
    fn named(&mut self, query: &Query, outer: &[&Common]) -> Option<Columns> {
        let mut names = match &*query.body {
            SetExpr::Select(_) => self.body(&query.body, outer)?,
            _ => return None,
        };
        // The origins again, with the query's own common table expressions.
        let origins = self.query(query, outer)?;
        if names.len() != origins.len() {
            return None;
        }
        names.iter_mut().zip(origins).for_each(|(column, origin)| column.1 = origin);
        Some(names)
    }

    fn body(&mut self, body: &SetExpr, common: &[&Common]) -> Option<Columns> {
        match body {
            SetExpr::Select(select) => self.select(select, common),
            _ => None,
        }
    }

    fn select(&mut self, select: &Select, common: &[&Common]) -> Option<Columns> {
        let mut sources = Vec::new();
        for from in &select.from {
            self.sources(from, common, &mut sources);
        }
        let merges = select.from.iter().any(merges_columns);
        let mut columns = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expression) => columns.push((name_of(expression), origin(expression, &sources))),
                SelectItem::ExprWithAlias { expr, alias } => columns.push((folded(alias), origin(expr, &sources))),
                // USING and NATURAL show a column of both sides once.
                SelectItem::Wildcard(_) if merges => return None,
                SelectItem::Wildcard(_) => columns.extend(sources.iter().flat_map(|source| source.columns.iter().cloned())),
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let name = name.0.last().and_then(|part| part.as_ident()).map(folded)?;
                    columns.extend(sources.iter().find(|source| source.name == name)?.columns.iter().cloned());
                }
                _ => return None,
            }
        }
        Some(columns)
    }

    fn sources(&mut self, from: &TableWithJoins, common: &[&Common], sources: &mut Vec<Source>) {
        sources.push(self.source(&from.relation, common));
        for join in &from.joins {
            sources.push(self.source(&join.relation, common));
        }
    }

    /// What stands in FROM; a source without columns where it is not understood.
    fn source(&mut self, factor: &TableFactor, common: &[&Common]) -> Source {
        let (name, alias, columns) = match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let bare = name.0.last().and_then(|part| part.as_ident()).map(folded).unwrap_or_default();
                let expression = common.iter().rev().find(|expression| name.0.len() == 1 && expression.name == bare);
                let columns = match expression {
                    Some(expression) => expression.columns.clone(),
                    None => relation_name(name).map(|name| self.relation_columns(&name)).unwrap_or_default(),
                };
                (bare, alias, columns)
            }
            TableFactor::Derived { subquery, alias, .. } => (String::new(), alias, self.named(subquery, common).unwrap_or_default()),
            _ => return Source { name: String::new(), columns: Vec::new() },
        };
        match alias {
            Some(alias) => Source { name: folded(&alias.name), columns: renamed(columns, alias) },
            None => Source { name, columns },
        }
    }

    fn relation_columns(&self, name: &QualifiedName) -> Columns {
        let relation = self.names().relation(name);
        let columns = relation.into_iter().flat_map(|relation| &relation.columns);
        columns.map(|column| (column.name.clone(), Some((name.clone(), column.name.clone())))).collect()
    }
}

/// Whether a SELECT has a GROUP BY.
pub fn is_grouped(select: &Select) -> bool {
    !matches!(&select.group_by, GroupByExpr::Expressions(expressions, modifiers) if expressions.is_empty() && modifiers.is_empty())
}

/// A name as PostgreSQL folds it.
pub fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_ascii_lowercase() }
}

/// A relation with its schema; a bare name is in none that a view could mean.
pub fn relation_name(name: &ObjectName) -> Option<QualifiedName> {
    match name.0.as_slice() {
        [schema, name] => Some(QualifiedName::new(folded(schema.as_ident()?), folded(name.as_ident()?))),
        _ => None,
    }
}

/// Columns under the names that an alias gives them.
fn renamed(mut columns: Columns, alias: &TableAlias) -> Columns {
    columns.iter_mut().zip(&alias.columns).for_each(|(column, name)| column.0 = folded(&name.name));
    columns
}

/// The name that an expression gives its column; only that of a column matters here.
fn name_of(expression: &Expr) -> String {
    match expression {
        Expr::Identifier(ident) => folded(ident),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded).unwrap_or_default(),
        _ => String::new(),
    }
}

/// The column that an expression is.
fn origin(expression: &Expr, sources: &[Source]) -> Option<Origin> {
    let column = |source: &Source, name: &str| source.columns.iter().find(|(column, _)| column == name).map(|(_, origin)| origin.clone());
    match expression {
        Expr::Nested(inner) => origin(inner, sources),
        Expr::Identifier(ident) => {
            let name = folded(ident);
            sources.iter().find_map(|source| column(source, &name)).flatten()
        }
        Expr::CompoundIdentifier(parts) => {
            let [.., source, name] = parts.as_slice() else { return None };
            let (source, name) = (folded(source), folded(name));
            sources.iter().find(|candidate| candidate.name == source).and_then(|source| column(source, &name)).flatten()
        }
        _ => None,
    }
}

/// Whether a join shows columns of both sides once.
fn merges_columns(from: &TableWithJoins) -> bool {
    from.joins.iter().any(|join| match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint) => matches!(constraint, JoinConstraint::Using(_) | JoinConstraint::Natural),
        _ => true,
    })
}
