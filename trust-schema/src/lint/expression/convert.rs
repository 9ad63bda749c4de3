//! From the parser's trees to ours.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, LimitClause, ObjectName, Query as Ast,
    Select, SelectItem, SetExpr, TableFactor, TableWithJoins, UnaryOperator, Value,
};

use super::{Call, Query, Test, Tree};
use crate::sql::builtin::VALUE_FUNCTIONS;
use crate::sql::expression;
use crate::sql::positions::name;

/// Deeper than this, an expression is not looked into: the trees are walked on the stack.
const MAXIMUM_DEPTH: usize = 120;

/// Reads an expression over the columns of a table; `None` where it cannot be read.
pub fn tree(text: &str, table: &str) -> Option<Tree> {
    let parsed = expression::parse(text).ok()?;
    Some(Converter { table, aliases: Vec::new() }.expression(parsed.tree(), 0))
}

struct Converter<'t> {
    table: &'t str,
    /// Names of the FROM clauses around, one list for each sub-query.
    aliases: Vec<Vec<String>>,
}

impl Converter<'_> {
    fn boxed(&mut self, part: &Expr, depth: usize) -> Box<Tree> {
        Box::new(self.expression(part, depth + 1))
    }

    fn each<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expr>, depth: usize) -> Vec<Tree> {
        parts.into_iter().map(|part| self.expression(part, depth + 1)).collect()
    }

    fn expression(&mut self, ast: &Expr, depth: usize) -> Tree {
        if depth > MAXIMUM_DEPTH {
            return Tree::Other(Vec::new());
        }
        let not = |negated: bool, tree: Tree| if negated { Tree::Not(Box::new(tree)) } else { tree };
        match ast {
            Expr::Nested(inner) => self.expression(inner, depth + 1),
            Expr::Identifier(ident) => self.column(std::slice::from_ref(ident)),
            Expr::CompoundIdentifier(idents) => self.column(idents),
            Expr::Value(value) => literal(&value.value),
            Expr::TypedString(typed) => {
                Tree::Cast { value: Box::new(literal(&typed.value.value)), data_type: typed.data_type.to_string().to_lowercase() }
            }
            Expr::Cast { expr, data_type, .. } => Tree::Cast { value: self.boxed(expr, depth), data_type: data_type.to_string().to_lowercase() },
            Expr::Collate { expr, .. } => self.expression(expr, depth + 1),
            Expr::IsNull(inner) => Tree::IsNull(self.boxed(inner, depth)),
            Expr::IsNotNull(inner) => not(true, Tree::IsNull(self.boxed(inner, depth))),
            Expr::IsTrue(inner) => Tree::Is(self.boxed(inner, depth), Test::True),
            Expr::IsNotTrue(inner) => not(true, Tree::Is(self.boxed(inner, depth), Test::True)),
            Expr::IsFalse(inner) => Tree::Is(self.boxed(inner, depth), Test::False),
            Expr::IsNotFalse(inner) => not(true, Tree::Is(self.boxed(inner, depth), Test::False)),
            Expr::IsUnknown(inner) => Tree::Is(self.boxed(inner, depth), Test::Unknown),
            Expr::IsNotUnknown(inner) => not(true, Tree::Is(self.boxed(inner, depth), Test::Unknown)),
            Expr::IsDistinctFrom(left, right) => Tree::IsDistinct(self.boxed(left, depth), self.boxed(right, depth)),
            Expr::IsNotDistinctFrom(left, right) => not(true, Tree::IsDistinct(self.boxed(left, depth), self.boxed(right, depth))),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Tree::Not(self.boxed(expr, depth)),
            Expr::UnaryOp { expr, .. } => Tree::Other(vec![self.expression(expr, depth + 1)]),
            Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => self.chain(ast, op, depth),
            Expr::BinaryOp { left, op, right } => {
                let operator = operator(op);
                Tree::Binary { operator, left: self.boxed(left, depth), right: self.boxed(right, depth) }
            }
            Expr::AnyOp { left, compare_op, right, .. } => {
                Tree::Any { operator: operator(compare_op), left: self.boxed(left, depth), right: self.boxed(right, depth) }
            }
            Expr::AllOp { left, compare_op, right } => {
                Tree::Any { operator: format!("{} all", operator(compare_op)), left: self.boxed(left, depth), right: self.boxed(right, depth) }
            }
            Expr::Like { negated, expr, pattern, .. } => not(*negated, self.pattern("~~", expr, pattern, depth)),
            Expr::ILike { negated, expr, pattern, .. } => not(*negated, self.pattern("~~*", expr, pattern, depth)),
            Expr::SimilarTo { negated, expr, pattern, .. } => not(*negated, self.pattern("similar to", expr, pattern, depth)),
            Expr::Between { expr, negated, low, high } => {
                let bound = |converter: &mut Self, operator: &str, limit: &Expr| Tree::Binary {
                    operator: operator.to_owned(),
                    left: converter.boxed(expr, depth),
                    right: converter.boxed(limit, depth),
                };
                let within = Tree::And(vec![bound(self, ">=", low), bound(self, "<=", high)]);
                not(*negated, within)
            }
            Expr::InList { expr, list, negated } => not(*negated, Tree::InList { value: self.boxed(expr, depth), list: self.each(list, depth) }),
            Expr::InSubquery { expr, subquery, negated } => {
                let value = self.boxed(expr, depth);
                not(*negated, Tree::InQuery { value, query: Box::new(self.query(subquery, depth)) })
            }
            Expr::Exists { subquery, negated } => not(*negated, Tree::Exists(Box::new(self.query(subquery, depth)))),
            Expr::Subquery(query) => Tree::Scalar(Box::new(self.query(query, depth))),
            Expr::Function(function) => self.function(function, depth),
            Expr::Case { operand, conditions, else_result, .. } => {
                let arms = conditions.iter().flat_map(|when| [&when.condition, &when.result]);
                Tree::Other(self.each(operand.as_deref().into_iter().chain(arms).chain(else_result.as_deref()), depth))
            }
            Expr::Tuple(parts) => Tree::Other(self.each(parts, depth)),
            Expr::Array(array) => Tree::Other(self.each(&array.elem, depth)),
            Expr::AtTimeZone { timestamp, time_zone } => Tree::Other(self.each([&**timestamp, &**time_zone], depth)),
            Expr::Extract { expr, .. } | Expr::Ceil { expr, .. } | Expr::Floor { expr, .. } => Tree::Other(self.each([&**expr], depth)),
            Expr::Trim { expr, .. } | Expr::Substring { expr, .. } => Tree::Other(self.each([&**expr], depth)),
            Expr::CompoundFieldAccess { root, .. } => Tree::Other(self.each([&**root], depth)),
            // A form that is not looked into could read the row.
            _ => Tree::Other(vec![Tree::unknown_column()]),
        }
    }

    /// `a and b and c` leans to the left as deep as it is long.
    fn chain(&mut self, ast: &Expr, wanted: &BinaryOperator, depth: usize) -> Tree {
        let mut parts = Vec::new();
        let mut rest = ast;
        while let Expr::BinaryOp { left, op, right } = rest
            && op == wanted
        {
            parts.push(self.expression(right, depth + 1));
            rest = left;
        }
        parts.push(self.expression(rest, depth + 1));
        parts.reverse();
        if *wanted == BinaryOperator::And { Tree::And(parts) } else { Tree::Or(parts) }
    }

    fn pattern(&mut self, operator: &str, value: &Expr, pattern: &Expr, depth: usize) -> Tree {
        Tree::Binary { operator: operator.to_owned(), left: self.boxed(value, depth), right: self.boxed(pattern, depth) }
    }

    fn column(&self, idents: &[Ident]) -> Tree {
        let Some((last, qualifier)) = idents.split_last() else { return Tree::Other(Vec::new()) };
        let column = name(last);
        let Some(owner) = qualifier.last().map(name) else {
            if last.quote_style.is_none() && VALUE_FUNCTIONS.contains(&column.as_str()) {
                return Tree::Call(Call { schema: None, name: column, arguments: Vec::new() });
            }
            return if self.aliases.is_empty() { Tree::Column(column) } else { Tree::Foreign { of: None, column } };
        };
        let shadowed = self.aliases.iter().flatten().any(|alias| *alias == owner);
        if owner == self.table && !shadowed { Tree::Column(column) } else { Tree::Foreign { of: Some(owner), column } }
    }

    fn function(&mut self, function: &Function, depth: usize) -> Tree {
        let (schema, called) = qualified(&function.name);
        match &function.args {
            FunctionArguments::Subquery(query) if schema.is_none() && called == "array" => Tree::Array(Box::new(self.query(query, depth))),
            FunctionArguments::Subquery(query) => Tree::Other(vec![Tree::Scalar(Box::new(self.query(query, depth)))]),
            FunctionArguments::None => Tree::Call(Call { schema, name: called, arguments: Vec::new() }),
            FunctionArguments::List(list) => {
                let arguments = list.args.iter().filter_map(argument);
                Tree::Call(Call { schema, name: called, arguments: self.each(arguments, depth) })
            }
        }
    }

    fn query(&mut self, ast: &Ast, depth: usize) -> Query {
        let mut query = Query { single: limited(ast), plain: is_plain(ast), ..Query::default() };
        self.aliases.push(Vec::new());
        for common in ast.with.iter().flat_map(|with| &with.cte_tables) {
            let inner = self.query(&common.query, depth + 1);
            query.conditions.push(Tree::Scalar(Box::new(inner)));
        }
        match &*ast.body {
            SetExpr::Select(select) => self.select(select, &mut query, depth),
            SetExpr::Query(inner) => query.conditions.push(Tree::Scalar(Box::new(self.query(inner, depth + 1)))),
            // Not looked into: it could read the row.
            _ => query.conditions.push(Tree::unknown_column()),
        }
        self.aliases.pop();
        query
    }

    fn select(&mut self, select: &Select, query: &mut Query, depth: usize) {
        for factor in select.from.iter().flat_map(|from| std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation))) {
            self.factor(factor, query, depth);
        }
        let output: Vec<&Expr> = select
            .projection
            .iter()
            .filter_map(|item| match item {
                SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. } => Some(value),
                _ => None,
            })
            .collect();
        query.output = self.each(output, depth);
        let joined = select.from.iter().flat_map(|from| &from.joins).filter_map(|join| join_condition(&join.join_operator));
        query.conditions.extend(self.each(select.selection.iter().chain(joined), depth));
        let grouped = matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
        let aggregates = query.output.iter().any(|output| matches!(output.core(), Tree::Call(call) if is_aggregate(&call.name)));
        query.single |= (grouped && aggregates) || select.from.is_empty();
        query.plain &= grouped && select.having.is_none() && !select.from.is_empty();
        // What is called there may be an aggregate of somebody's own.
        query.plain &= query.output.iter().all(|output| !output.any(|part| matches!(part, Tree::Call(_) | Tree::Other(_))));
    }

    fn factor(&mut self, factor: &TableFactor, query: &mut Query, depth: usize) {
        let mut known_as = |alias: Option<&Ident>, otherwise: &str| {
            let known = alias.map_or_else(|| otherwise.to_owned(), name);
            self.aliases.last_mut().into_iter().for_each(|aliases| aliases.push(known.clone()));
        };
        match factor {
            TableFactor::Table { name: object, alias, args, .. } => {
                let (schema, relation) = qualified(object);
                known_as(alias.as_ref().map(|alias| &alias.name), &relation);
                match args {
                    None => {
                        query.aliases.push(alias.as_ref().map_or_else(|| relation.clone(), |alias| name(&alias.name)));
                        query.relations.push((schema, relation));
                    }
                    Some(arguments) => {
                        let arguments = self.each(arguments.args.iter().filter_map(argument), depth);
                        query.calls.push(Call { schema, name: relation, arguments });
                    }
                }
            }
            TableFactor::Function { name: object, args, alias, .. } => {
                let (schema, called) = qualified(object);
                known_as(alias.as_ref().map(|alias| &alias.name), &called);
                let arguments = self.each(args.iter().filter_map(argument), depth);
                query.calls.push(Call { schema, name: called, arguments });
            }
            TableFactor::Derived { subquery, alias, .. } => {
                known_as(alias.as_ref().map(|alias| &alias.name), "");
                let inner = self.query(subquery, depth + 1);
                query.conditions.push(Tree::Scalar(Box::new(inner)));
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                self.factor(&table_with_joins.relation, query, depth);
                for join in &table_with_joins.joins {
                    self.factor(&join.relation, query, depth);
                    if let Some(condition) = join_condition(&join.join_operator) {
                        let condition = self.expression(condition, depth + 1);
                        query.conditions.push(condition);
                    }
                }
            }
            _ => query.conditions.push(Tree::unknown_column()),
        }
    }
}

fn join_condition(operator: &sqlparser::ast::JoinOperator) -> Option<&Expr> {
    use sqlparser::ast::{JoinConstraint, JoinOperator};
    match operator {
        JoinOperator::Join(JoinConstraint::On(on))
        | JoinOperator::Inner(JoinConstraint::On(on))
        | JoinOperator::Left(JoinConstraint::On(on))
        | JoinOperator::LeftOuter(JoinConstraint::On(on))
        | JoinOperator::Right(JoinConstraint::On(on))
        | JoinOperator::RightOuter(JoinConstraint::On(on))
        | JoinOperator::FullOuter(JoinConstraint::On(on)) => Some(on),
        _ => None,
    }
}

/// Whether a query has nothing that takes rows away or adds some, besides FROM and WHERE.
fn is_plain(ast: &Ast) -> bool {
    let SetExpr::Select(select) = &*ast.body else { return false };
    let is_inner = |from: &TableWithJoins| from.joins.iter().all(|join| is_inner(&join.join_operator)) && is_table(&from.relation);
    let joined = |from: &TableWithJoins| from.joins.iter().all(|join| is_table(&join.relation));
    let is_limited = match &ast.limit_clause {
        None => false,
        Some(LimitClause::LimitOffset { offset: None, limit_by, .. }) => !limited(ast) || !limit_by.is_empty(),
        Some(_) => true,
    };
    ast.with.is_none() && ast.fetch.is_none() && !is_limited && select.from.iter().all(|from| is_inner(from) && joined(from))
}

fn is_table(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Table { args: None, sample: None, .. })
}

fn is_inner(operator: &sqlparser::ast::JoinOperator) -> bool {
    use sqlparser::ast::{JoinConstraint, JoinOperator};
    matches!(operator, JoinOperator::Join(JoinConstraint::On(_)) | JoinOperator::Inner(JoinConstraint::On(_)) | JoinOperator::CrossJoin(_))
}

fn limited(ast: &Ast) -> bool {
    let one = |limit: &Expr| matches!(limit, Expr::Value(value) if matches!(&value.value, Value::Number(number, _) if *number == "1"));
    matches!(&ast.limit_clause, Some(LimitClause::LimitOffset { limit: Some(limit), .. }) if one(limit))
}

fn is_aggregate(name: &str) -> bool {
    matches!(name, "count" | "sum" | "min" | "max" | "avg" | "bool_or" | "bool_and" | "every" | "array_agg" | "jsonb_agg" | "json_agg" | "string_agg")
}

fn argument(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value))
        | FunctionArg::Named { arg: FunctionArgExpr::Expr(value), .. }
        | FunctionArg::ExprNamed { arg: FunctionArgExpr::Expr(value), .. } => Some(value),
        _ => None,
    }
}

fn qualified(object: &ObjectName) -> (Option<String>, String) {
    let mut parts: Vec<String> = object.0.iter().filter_map(|part| part.as_ident()).map(name).collect();
    let last = parts.pop().unwrap_or_default();
    (parts.pop(), last)
}

/// An operator as PostgreSQL writes it, without its schema.
fn operator(operator: &BinaryOperator) -> String {
    match operator {
        BinaryOperator::PGCustomBinaryOperator(parts) => parts.last().cloned().unwrap_or_default(),
        BinaryOperator::PGLikeMatch => "~~".to_owned(),
        BinaryOperator::PGILikeMatch => "~~*".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}

fn literal(value: &Value) -> Tree {
    match value {
        Value::Boolean(true) => Tree::True,
        Value::Boolean(false) => Tree::False,
        Value::Null => Tree::Null,
        Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text) => Tree::Literal(text.clone()),
        Value::Number(number, _) => Tree::Literal(number.to_string()),
        other => Tree::Literal(other.to_string()),
    }
}
