//! What a view's query tells of its columns: which column of which table each one shows, and whether a write through the view reaches it.
//!
//! Follows PostgreSQL's `view_query_is_auto_updatable` (rewriteHandler.c) and `markTargetListOrigins` (parse_target.c). A query that is not
//! understood shows nothing and takes no writes: the output then claims too little, never too much.

mod scope;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, Select, SelectItem, SetExpr, Statement, TableFactor, Visit, Visitor};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use crate::catalog::{Id, Object, QualifiedName};
use crate::kinds::Kind;
use crate::kinds::function::Returns;
use crate::kinds::view::View;
use crate::names::Names;
use crate::resolve::Resolution;
use crate::sql::builtin;

/// Views over views over views are followed so far.
const MAXIMUM_DEPTH: usize = 32;

/// A column of a table.
pub type Origin = (QualifiedName, String);

/// A view's columns, in their order.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    pub columns: Vec<ColumnShape>,
}

/// What is known of a view's column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnShape {
    /// The column of a table that it shows unchanged.
    pub origin: Option<Origin>,
    /// Whether a write to it is a write to that column.
    pub updatable: bool,
}

/// Reads views, each once.
pub struct Views<'r> {
    resolution: &'r Resolution,
    shapes: HashMap<QualifiedName, Shape>,
    /// The functions of the spec that return sets.
    set_returning: HashSet<&'r QualifiedName>,
    depth: usize,
}

impl<'r> Views<'r> {
    pub fn new(resolution: &'r Resolution) -> Views<'r> {
        let set_returning = resolution.catalog.objects().filter_map(|object| match object {
            Object::Function(function) if !matches!(function.returns, Returns::Type(_)) => Some(&function.name),
            _ => None,
        });
        Views { resolution, shapes: HashMap::new(), set_returning: set_returning.collect(), depth: 0 }
    }

    fn names(&self) -> &'r Names {
        &self.resolution.names
    }

    /// The shape of a view.
    pub fn shape(&mut self, view: &View) -> Shape {
        if let Some(shape) = self.shapes.get(&view.name) {
            return shape.clone();
        }
        if self.depth >= MAXIMUM_DEPTH {
            return Shape::default();
        }
        self.depth += 1;
        let shape = self.read(view).unwrap_or_default();
        self.depth -= 1;
        self.shapes.insert(view.name.clone(), shape.clone());
        shape
    }

    fn read(&mut self, view: &View) -> Option<Shape> {
        let statements = Parser::parse_sql(&PostgreSqlDialect {}, view.query.text()).ok()?;
        let [Statement::Query(query)] = statements.as_slice() else { return None };
        let shown = self.query(query, &[])?;
        let base = self.updatable_base(query);
        let columns = shown.into_iter().map(|column| {
            let updatable = base.is_some() && self.reaches(&column);
            ColumnShape { origin: column.and_then(|column| self.table_column(column)), updatable }
        });
        Some(Shape { columns: columns.collect() })
    }

    /// The table's column behind a column of a table or view.
    fn table_column(&mut self, (relation, column): Origin) -> Option<Origin> {
        match self.resolution.catalog.get(&Id::of(Kind::View, &relation)) {
            Some(Object::View(view)) => self.view_column(view, &column)?.origin,
            _ => Some((relation, column)),
        }
    }

    fn view_column(&mut self, view: &View, column: &str) -> Option<ColumnShape> {
        let position = view.columns.iter().position(|(name, _)| name == column)?;
        self.shape(view).columns.get(position).cloned()
    }

    /// Whether a write to this column of the query's only table or view reaches a table.
    fn reaches(&mut self, column: &Option<Origin>) -> bool {
        let Some((relation, column)) = column else { return false };
        match self.resolution.catalog.get(&Id::of(Kind::View, relation)) {
            Some(Object::View(view)) => self.view_column(view, column).is_some_and(|column| column.updatable),
            _ => true,
        }
    }

    /// The table or view to which PostgreSQL passes writes on.
    fn updatable_base(&self, query: &Query) -> Option<QualifiedName> {
        if query.with.is_some() || query.limit_clause.is_some() || query.fetch.is_some() {
            return None;
        }
        let SetExpr::Select(select) = &*query.body else { return None };
        if select.distinct.is_some() || scope::is_grouped(select) || select.having.is_some() || self.computes_rows(select) {
            return None;
        }
        let [from] = select.from.as_slice() else { return None };
        match &from.relation {
            TableFactor::Table { name, args: None, sample: None, with_ordinality: false, .. } if from.joins.is_empty() => {
                scope::relation_name(name).filter(|name| self.names().relation(name).is_some())
            }
            _ => None,
        }
    }

    /// Whether the target list holds an aggregate, a window function or a function that returns a set.
    fn computes_rows(&self, select: &Select) -> bool {
        let mut finder = RowFunctions { set_returning: &self.set_returning, depth: 0 };
        select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, .. } => expression.visit(&mut finder).is_break(),
            _ => false,
        })
    }
}

/// Finds functions that make one row of many, or many of one; those in subqueries are not the query's own.
struct RowFunctions<'v> {
    set_returning: &'v HashSet<&'v QualifiedName>,
    depth: usize,
}

impl Visitor for RowFunctions<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        let Expr::Function(function) = expression else { return ControlFlow::Continue(()) };
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        let parts: Vec<String> = function.name.0.iter().filter_map(|part| part.as_ident()).map(scope::folded).collect();
        let makes_rows = match parts.as_slice() {
            [name] => builtin::function(name).is_some_and(|function| function.is_aggregate || function.returns_set || function.is_window),
            [schema, name] if schema == "pg_catalog" => builtin::function(name).is_some_and(|function| function.is_aggregate || function.returns_set),
            [schema, name] => self.set_returning.contains(&QualifiedName::new(schema.as_str(), name.as_str())),
            _ => false,
        };
        if function.over.is_some() || makes_rows { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
