//! The walk over queries: what binds names, and in which order. See [`walk`](super::walk).

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, JoinConstraint, JoinOperator, LimitClause, NamedWindowExpr, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, TableAlias, TableFactor, TableWithJoins,
};

use super::positions::name;
use super::references::RelationReference;
use super::scope::{Bound, CommonTable, Scope};
use super::walk::{Walker, plain_call};

/// A column that a query returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputColumn {
    /// Named by its alias or, as PostgreSQL does it, after its expression.
    Named(String),
    /// An expression that PostgreSQL calls `?column?`.
    Unnamed,
    /// `*` or `alias.*`: as many columns as there are behind it.
    All(Option<String>),
}

impl Walker {
    /// Goes through a query in a scope of its own; returns its columns.
    pub(super) fn query(&mut self, query: &Query) -> Vec<OutputColumn> {
        self.scopes.0.push(Scope::default());
        if let Some(with) = &query.with {
            for table in &with.cte_tables {
                let alias = name(&table.alias.name);
                let listed: Vec<_> = table.alias.columns.iter().map(|column| name(&column.name)).collect();
                let listed = (!listed.is_empty()).then_some(listed);
                if with.recursive {
                    self.common_table(CommonTable { name: alias.clone(), columns: listed.clone() });
                }
                let output = self.query(&table.query);
                self.common_table(CommonTable { name: alias, columns: renamed(all_names(&output), listed) });
            }
        }
        let output = self.set_expression(&query.body, query);
        if !query.pipe_operators.is_empty() || query.for_clause.is_some() || query.settings.is_some() || query.format_clause.is_some() {
            self.refuse_part(query, "this form of a query is not PostgreSQL's");
        }
        self.scopes.0.pop();
        output
    }

    fn common_table(&mut self, table: CommonTable) {
        if let Some(scope) = self.scopes.0.last_mut() {
            scope.common_tables.push(table);
        }
    }

    /// ORDER BY and LIMIT belong to the whole; they see the output columns, and of a single SELECT also its FROM clause.
    fn tail(&mut self, query: &Query, output: &[OutputColumn]) {
        if let Some(scope) = self.scopes.0.last_mut() {
            scope.output = output.iter().filter_map(OutputColumn::name).map(str::to_owned).collect();
        }
        match query.order_by.as_ref().map(|order| &order.kind) {
            Some(OrderByKind::Expressions(order)) => self.order(order),
            Some(OrderByKind::All(_)) => self.refuse_part(query, "`order by all` is not PostgreSQL's"),
            None => {}
        }
        match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                let offset = offset.as_ref().map(|offset| &offset.value);
                limit.iter().chain(offset).chain(limit_by).for_each(|expression| self.expression(expression));
            }
            Some(LimitClause::OffsetCommaLimit { .. }) => self.refuse_part(query, "`limit a, b` is not PostgreSQL's"),
            None => {}
        }
        if let Some(quantity) = query.fetch.as_ref().and_then(|fetch| fetch.quantity.as_ref()) {
            self.expression(quantity);
        }
        if let Some(scope) = self.scopes.0.last_mut() {
            scope.output.clear();
        }
    }

    fn set_expression(&mut self, body: &SetExpr, query: &Query) -> Vec<OutputColumn> {
        // `a union b union c` leans to the left as deep as it is long.
        let mut parts = Vec::new();
        let mut left = body;
        while let SetExpr::SetOperation { left: inner, right, .. } = left {
            parts.push(&**right);
            left = inner;
        }
        if parts.is_empty() {
            return self.simple(left, Some(query));
        }
        // The first part names the columns.
        let output = self.in_scope(|walker| walker.simple(left, None));
        for part in parts.into_iter().rev() {
            self.in_scope(|walker| match part {
                SetExpr::SetOperation { .. } => walker.set_operation(part),
                _ => walker.simple(part, None),
            });
        }
        self.tail(query, &output);
        output
    }

    /// An operation that is the right side of another one (`intersect` binds closer than `union`).
    fn set_operation(&mut self, body: &SetExpr) -> Vec<OutputColumn> {
        match body {
            SetExpr::SetOperation { left, right, .. } => {
                let output = self.in_scope(|walker| walker.set_operation(left));
                self.in_scope(|walker| walker.set_operation(right));
                output
            }
            _ => self.simple(body, None),
        }
    }

    fn in_scope<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.0.push(Scope::default());
        let result = walk(self);
        self.scopes.0.pop();
        result
    }

    /// A query without set operation; with its own ORDER BY when `query` is given.
    fn simple(&mut self, body: &SetExpr, query: Option<&Query>) -> Vec<OutputColumn> {
        let output = match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => self.query(query),
            SetExpr::Values(values) => {
                values.rows.iter().flat_map(|row| row.content.iter()).for_each(|expression| self.expression(expression));
                let width = values.rows.first().map_or(0, |row| row.content.len());
                (1..=width).map(|number| OutputColumn::Named(format!("column{number}"))).collect()
            }
            SetExpr::Table(table) => {
                let relation = RelationReference {
                    schema: table.schema_name.clone().map(|schema| schema.to_ascii_lowercase()),
                    name: table.table_name.clone().unwrap_or_default().to_ascii_lowercase(),
                    alias: None,
                    range: self.positions.whole(),
                };
                self.references.relations.push(relation);
                vec![OutputColumn::All(None)]
            }
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                self.refuse_part(body, "a query does not change data");
                Vec::new()
            }
            SetExpr::SetOperation { .. } => self.set_operation(body),
        };
        if let Some(query) = query {
            self.tail(query, &output);
        }
        output
    }

    fn select(&mut self, select: &Select) -> Vec<OutputColumn> {
        let foreign = select.top.is_some()
            || select.exclude.is_some()
            || select.prewhere.is_some()
            || select.qualify.is_some()
            || select.value_table_mode.is_some()
            || select.select_modifiers.is_some()
            || !select.lateral_views.is_empty()
            || !select.connect_by.is_empty()
            || !select.cluster_by.is_empty()
            || !select.distribute_by.is_empty()
            || !select.sort_by.is_empty();
        if foreign {
            self.refuse_part(select, "this form of a query is not PostgreSQL's");
        }
        if select.into.is_some() {
            self.refuse_part(select, "a query does not create a table with `into`");
        }
        select.from.iter().for_each(|table| self.table_with_joins(table));
        let mut output = Vec::new();
        for item in &select.projection {
            output.push(self.item(item));
        }
        if let Some(Distinct::On(expressions)) = &select.distinct {
            expressions.iter().for_each(|expression| self.expression(expression));
        }
        select.selection.iter().chain(&select.having).for_each(|expression| self.expression(expression));
        for window in &select.named_window {
            if let NamedWindowExpr::WindowSpec(window) = &window.1 {
                self.window(window);
            }
        }
        if let GroupByExpr::Expressions(expressions, modifiers) = &select.group_by {
            // GROUP BY takes a column of FROM before an output column of the same name.
            expressions.iter().for_each(|expression| self.grouping(expression, &output));
            if !modifiers.is_empty() {
                self.refuse_part(select, "this form of `group by` is not PostgreSQL's");
            }
        } else {
            self.refuse_part(select, "`group by all` is not PostgreSQL's");
        }
        output
    }

    fn grouping(&mut self, expression: &Expr, output: &[OutputColumn]) {
        let is_output = matches!(expression, Expr::Identifier(ident) if output.iter().any(|column| column.name() == Some(&*name(ident))));
        if !is_output {
            self.expression(expression);
        }
    }

    fn item(&mut self, item: &SelectItem) -> OutputColumn {
        match item {
            SelectItem::UnnamedExpr(expression) => {
                self.expression(expression);
                output_name(expression).map_or(OutputColumn::Unnamed, OutputColumn::Named)
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                self.expression(expr);
                OutputColumn::Named(name(alias))
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(object), _) => {
                self.all_columns(object);
                OutputColumn::All(object.0.last().and_then(|part| part.as_ident()).map(name))
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expression), _) => {
                self.expression(expression);
                OutputColumn::All(None)
            }
            SelectItem::Wildcard(_) => OutputColumn::All(None),
            SelectItem::ExprWithAliases { .. } => {
                self.refuse_part(item, "this form of a column is not PostgreSQL's");
                OutputColumn::Unnamed
            }
        }
    }

    fn table_with_joins(&mut self, table: &TableWithJoins) {
        self.factor(&table.relation);
        for join in &table.joins {
            self.factor(&join.relation);
            match &join.join_operator {
                JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::Left(constraint)
                | JoinOperator::LeftOuter(constraint)
                | JoinOperator::Right(constraint)
                | JoinOperator::RightOuter(constraint)
                | JoinOperator::FullOuter(constraint)
                | JoinOperator::CrossJoin(constraint) => {
                    if let JoinConstraint::On(condition) = constraint {
                        self.expression(condition);
                    }
                }
                _ => self.refuse_part(&join.relation, "this form of a join is not PostgreSQL's"),
            }
        }
    }

    fn factor(&mut self, factor: &TableFactor) {
        match factor {
            TableFactor::Table { name: object, alias, args: None, json_path: None, partitions, with_hints, version: None, .. }
                if partitions.is_empty() && with_hints.is_empty() =>
            {
                let range = self.object_range(object);
                let Some((schema, relation)) = self.qualified_name(object) else { return };
                let common = if schema.is_none() { self.scopes.common_table(&relation).cloned() } else { None };
                let written = alias.as_ref().map(|alias| name(&alias.name));
                let visible = written.clone().unwrap_or_else(|| relation.clone());
                if let Some(common) = common {
                    let columns = renamed(common.columns, listed(alias.as_ref()));
                    return self.bind(Bound { alias: Some(visible), relation: None, columns });
                }
                self.references.relations.push(RelationReference { schema, name: relation, alias: written, range });
                // Renamed columns are not the table's any more.
                let index = listed(alias.as_ref()).is_none().then(|| self.references.relations.len() - 1);
                self.bind(Bound { alias: Some(visible), relation: index, columns: None });
            }
            TableFactor::Table { name: object, alias, args: Some(arguments), .. } => {
                self.table_function(object, &arguments.args, alias.as_ref());
            }
            TableFactor::Function { name: object, args, alias, .. } => self.table_function(object, args, alias.as_ref()),
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                // Without LATERAL, a sub-query does not see its neighbours.
                let hidden =
                    if *lateral { Vec::new() } else { self.scopes.0.last_mut().map(|scope| std::mem::take(&mut scope.bound)).unwrap_or_default() };
                let output = self.query(subquery);
                if let Some(scope) = self.scopes.0.last_mut().filter(|_| !*lateral) {
                    scope.bound = hidden;
                }
                let columns = renamed(all_names(&output), listed(alias.as_ref()));
                self.bind(Bound { alias: alias.as_ref().map(|alias| name(&alias.name)), relation: None, columns });
            }
            TableFactor::TableFunction { expr, alias } => {
                self.expression(expr);
                self.bind_function(None, alias.as_ref());
            }
            TableFactor::UNNEST { alias, array_exprs, with_offset: false, .. } => {
                array_exprs.iter().for_each(|expression| self.expression(expression));
                let mut call = plain_call(None, "unnest".to_owned(), array_exprs.len(), self.positions.start_of(factor));
                call.is_in_from = true;
                self.references.functions.push(call);
                self.bind_function(Some("unnest".to_owned()), alias.as_ref());
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => self.table_with_joins(table_with_joins),
            _ => self.refuse_part(factor, "this form of FROM is not supported"),
        }
    }

    fn table_function(&mut self, object: &sqlparser::ast::ObjectName, arguments: &[sqlparser::ast::FunctionArg], alias: Option<&TableAlias>) {
        let range = self.object_range(object);
        let Some((schema, called)) = self.qualified_name(object) else { return };
        let mut call = plain_call(schema, called.clone(), 0, range);
        call.is_in_from = true;
        let mut rest = Vec::new();
        arguments.iter().for_each(|argument| self.argument(argument, &mut call, &mut rest));
        rest.into_iter().for_each(|expression| self.expression(expression));
        self.references.functions.push(call);
        self.bind_function(Some(called), alias);
    }

    /// The columns of a function are not known here, unless a list of all of them is given; even then a shorter list may be meant.
    fn bind_function(&mut self, called: Option<String>, alias: Option<&TableAlias>) {
        let visible = alias.map(|alias| name(&alias.name)).or(called);
        self.bind(Bound { alias: visible, relation: None, columns: listed(alias) });
    }

    fn bind(&mut self, bound: Bound) {
        if let Some(scope) = self.scopes.0.last_mut() {
            scope.bound.push(bound);
        }
    }
}

impl OutputColumn {
    /// Its name, when it is one column with a name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            _ => None,
        }
    }
}

/// The names of all columns; `None` when they are not all known.
fn all_names(output: &[OutputColumn]) -> Option<Vec<String>> {
    output
        .iter()
        .map(|column| match column {
            OutputColumn::Named(name) => Some(name.clone()),
            OutputColumn::Unnamed => Some("?column?".to_owned()),
            OutputColumn::All(_) => None,
        })
        .collect()
}

fn listed(alias: Option<&TableAlias>) -> Option<Vec<String>> {
    let columns: Vec<_> = alias?.columns.iter().map(|column| name(&column.name)).collect();
    (!columns.is_empty()).then_some(columns)
}

/// A list of names renames the first columns.
fn renamed(columns: Option<Vec<String>>, listed: Option<Vec<String>>) -> Option<Vec<String>> {
    match (columns, listed) {
        (Some(mut columns), Some(listed)) => {
            for (column, new) in columns.iter_mut().zip(listed) {
                *column = new;
            }
            Some(columns)
        }
        (columns, None) => columns,
        (None, Some(_)) => None,
    }
}

/// The name that PostgreSQL gives to a column without alias (`FigureColname` in parse_target.c).
fn output_name(expression: &Expr) -> Option<String> {
    let fixed = |name: &str| Some(name.to_owned());
    match expression {
        Expr::Identifier(ident) => Some(name(ident)),
        Expr::CompoundIdentifier(idents) => idents.last().map(name),
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => output_name(inner),
        Expr::Function(function) => function.name.0.last().and_then(|part| part.as_ident()).map(name),
        Expr::Cast { expr, data_type, .. } => match output_name(expr) {
            Some(name) if !matches!(**expr, Expr::Case { .. }) => Some(name),
            _ => super::type_name::TypeName::parse(&data_type.to_string()).ok().map(|parsed| parsed.name),
        },
        Expr::TypedString(typed) => super::type_name::TypeName::parse(&typed.data_type.to_string()).ok().map(|parsed| parsed.name),
        Expr::Interval(_) => fixed("interval"),
        Expr::Case { else_result, .. } => else_result.as_deref().and_then(output_name).or_else(|| fixed("case")),
        Expr::Exists { .. } => fixed("exists"),
        Expr::Array(_) => fixed("array"),
        Expr::Tuple(_) => fixed("row"),
        Expr::Extract { .. } => fixed("extract"),
        Expr::AtTimeZone { .. } => fixed("timezone"),
        Expr::Ceil { .. } => fixed("ceil"),
        Expr::Floor { .. } => fixed("floor"),
        Expr::Position { .. } => fixed("position"),
        Expr::Substring { .. } => fixed("substring"),
        Expr::Overlay { .. } => fixed("overlay"),
        Expr::Trim { trim_where, .. } => match trim_where {
            Some(sqlparser::ast::TrimWhereField::Leading) => fixed("ltrim"),
            Some(sqlparser::ast::TrimWhereField::Trailing) => fixed("rtrim"),
            _ => fixed("btrim"),
        },
        Expr::Subquery(query) => match &*query.body {
            SetExpr::Select(select) => match select.projection.first() {
                Some(SelectItem::UnnamedExpr(expression)) => output_name(expression),
                Some(SelectItem::ExprWithAlias { alias, .. }) => Some(name(alias)),
                _ => None,
            },
            SetExpr::Values(_) => fixed("column1"),
            _ => None,
        },
        Expr::CompoundFieldAccess { root, access_chain } => {
            let field = access_chain.iter().rev().find_map(|access| match access {
                sqlparser::ast::AccessExpr::Dot(Expr::Identifier(ident)) => Some(name(ident)),
                _ => None,
            });
            field.or_else(|| output_name(root))
        }
        _ => None,
    }
}
