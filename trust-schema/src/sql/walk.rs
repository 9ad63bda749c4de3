//! The walk over a tree of `sqlparser` that collects references. Forms of other dialects are errors, so nothing is passed over.

use std::ops::Range;

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CeilFloorKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments,
    Ident, ObjectName, ObjectNamePart, OrderByExpr, Spanned, Subscript, WindowFrameBound, WindowSpec, WindowType,
};

use super::Error;
use super::builtin;
use super::keyword::{self, Category};
use super::positions::{Positions, name};
use super::references::{ColumnReference, FunctionCall, References, TypeReference};
use super::scope::Scopes;
use super::type_name::TypeName;

pub(super) struct Walker {
    pub(super) positions: Positions,
    pub(super) scopes: Scopes,
    pub(super) references: References,
    pub(super) errors: Vec<Error>,
}

impl Walker {
    pub(super) fn new(text: &str) -> Self {
        Self { positions: Positions::new(text), scopes: Scopes::default(), references: References::default(), errors: Vec::new() }
    }

    /// What was found, in the order of the text.
    pub(super) fn finish(mut self) -> Result<References, Error> {
        self.errors.sort_by_key(|error| error.range.start);
        if let Some(error) = self.errors.into_iter().next() {
            return Err(error);
        }
        // Relations keep their order: other references hold their indices.
        self.references.columns.sort_by_key(|column| column.range.start);
        self.references.functions.sort_by_key(|function| function.range.start);
        self.references.types.sort_by_key(|reference| reference.range.start);
        Ok(self.references)
    }

    pub(super) fn refuse(&mut self, range: Range<usize>, what: &str) {
        self.errors.push(Error::new(range, what.to_owned()));
    }

    /// Goes through an expression with a work list, since a chain of operators is as deep as it is long.
    pub(super) fn expression(&mut self, root: &Expr) {
        let mut rest = vec![root];
        while let Some(expression) = rest.pop() {
            let before = rest.len();
            self.node(expression, &mut rest);
            // From left to right: what has no position keeps the order in which it is found.
            if let Some(children) = rest.get_mut(before..) {
                children.reverse();
            }
        }
    }

    fn node<'a>(&mut self, expression: &'a Expr, rest: &mut Vec<&'a Expr>) {
        match expression {
            Expr::Identifier(ident) => self.column(std::slice::from_ref(ident)),
            Expr::CompoundIdentifier(idents) => self.column(idents),
            Expr::Value(_) => {}
            Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner)
            | Expr::Nested(inner) => rest.push(inner),
            Expr::UnaryOp { expr, .. } | Expr::IsJson { expr, .. } | Expr::IsNormalized { expr, .. } => rest.push(expr),
            Expr::BinaryOp { op: BinaryOperator::Assignment, .. } => {
                self.refuse(self.positions.start_of(expression), "`:=` only names an argument of a call");
            }
            Expr::IsDistinctFrom(left, right)
            | Expr::IsNotDistinctFrom(left, right)
            | Expr::BinaryOp { left, right, .. }
            | Expr::AnyOp { left, right, .. }
            | Expr::AllOp { left, right, .. } => rest.extend([&**left, &**right]),
            Expr::InList { expr, list, .. } => {
                rest.push(expr);
                rest.extend(list);
            }
            Expr::InSubquery { expr, subquery, .. } => {
                rest.push(expr);
                self.query(subquery);
            }
            Expr::Between { expr, low, high, .. } => rest.extend([&**expr, &**low, &**high]),
            Expr::Like { expr, pattern, escape_char, any: false, .. }
            | Expr::ILike { expr, pattern, escape_char, any: false, .. }
            | Expr::SimilarTo { expr, pattern, escape_char, .. } => {
                rest.extend([&**expr, &**pattern]);
                rest.extend(escape_char.as_deref());
            }
            Expr::Cast { expr, data_type, .. } => {
                rest.push(expr);
                self.type_reference(data_type);
            }
            Expr::TypedString(typed) => self.type_reference(&typed.data_type),
            Expr::Interval(interval) => rest.push(&interval.value),
            Expr::Prefixed { prefix, .. } => self.refuse(self.positions.names([prefix]), "a prefixed constant is not supported"),
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.syntax_call(expression, "timezone", 2);
                rest.extend([&**timestamp, &**time_zone]);
            }
            Expr::Extract { expr, .. } => {
                self.syntax_call(expression, "extract", 2);
                rest.push(expr);
            }
            Expr::Ceil { expr, field } | Expr::Floor { expr, field } => {
                let function = if matches!(expression, Expr::Ceil { .. }) { "ceil" } else { "floor" };
                if !matches!(field, CeilFloorKind::DateTimeField(sqlparser::ast::DateTimeField::NoDateTime)) {
                    self.refuse(self.positions.start_of(expression), "this form is not PostgreSQL's");
                }
                self.syntax_call(expression, function, 1);
                rest.push(expr);
            }
            Expr::Position { expr, r#in } => {
                self.syntax_call(expression, "position", 2);
                rest.extend([&**expr, &**r#in]);
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let parts = [substring_from, substring_for];
                let given = parts.iter().filter(|part| part.is_some()).count();
                self.syntax_call(expression, "substring", 1 + given);
                rest.push(expr);
                rest.extend(parts.into_iter().filter_map(|part| part.as_deref()));
            }
            Expr::Trim { trim_what, expr, trim_characters, .. } => {
                self.syntax_call(expression, "trim", 1 + usize::from(trim_what.is_some() || trim_characters.is_some()));
                rest.push(expr);
                rest.extend(trim_what.as_deref());
                rest.extend(trim_characters.iter().flatten());
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                self.syntax_call(expression, "overlay", 3 + usize::from(overlay_for.is_some()));
                rest.extend([&**expr, &**overlay_what, &**overlay_from]);
                rest.extend(overlay_for.as_deref());
            }
            Expr::Collate { expr, .. } => rest.push(expr),
            Expr::Function(function) => self.function(function, rest),
            Expr::Case { operand, conditions, else_result, .. } => {
                rest.extend(operand.as_deref());
                rest.extend(conditions.iter().flat_map(|when| [&when.condition, &when.result]));
                rest.extend(else_result.as_deref());
            }
            Expr::Exists { subquery, .. } | Expr::Subquery(subquery) => {
                self.query(subquery);
            }
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => rest.extend(sets.iter().flatten()),
            Expr::Tuple(parts) => rest.extend(parts),
            Expr::Array(array) => rest.extend(&array.elem),
            // The whole row: `t.* is null`.
            Expr::QualifiedWildcard(object, _) => self.all_columns(object),
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain, rest),
            Expr::JsonAccess { .. }
            | Expr::InUnnest { .. }
            | Expr::Like { .. }
            | Expr::ILike { .. }
            | Expr::RLike { .. }
            | Expr::Convert { .. }
            | Expr::Struct { .. }
            | Expr::Named { .. }
            | Expr::Dictionary(_)
            | Expr::Map(_)
            | Expr::MatchAgainst { .. }
            | Expr::Wildcard(_)
            | Expr::OuterJoin(_)
            | Expr::Prior(_)
            | Expr::Lambda(_)
            | Expr::MemberOf(_) => self.refuse(self.positions.start_of(expression), "this form is not PostgreSQL's"),
        }
    }

    /// `value[1]`, `value[1:2]`, `(value).field`
    fn access<'a>(&mut self, root: &'a Expr, chain: &'a [AccessExpr], rest: &mut Vec<&'a Expr>) {
        rest.push(root);
        for access in chain {
            match access {
                // The name of a field of a composite value: no column.
                AccessExpr::Dot(Expr::Identifier(_)) => {}
                AccessExpr::Dot(other) => self.refuse(self.positions.start_of(other), "this form is not PostgreSQL's"),
                AccessExpr::Subscript(Subscript::Index { index }) => rest.push(index),
                AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                    rest.extend([lower_bound, upper_bound, stride].into_iter().flatten());
                }
            }
        }
    }

    /// `column`, `alias.column`, `schema.table.column`, and a function that is written without parentheses.
    pub(super) fn column(&mut self, idents: &[Ident]) {
        let Some((last, qualifier)) = idents.split_last() else { return };
        let range = self.positions.names(idents);
        let column = name(last);
        if qualifier.is_empty() && last.quote_style.is_none() && builtin::VALUE_FUNCTIONS.contains(&column.as_str()) {
            return self.references.functions.push(plain_call(None, column, 0, range));
        }
        self.refuse_keyword(idents.first());
        let qualifier: Vec<_> = qualifier.iter().map(name).collect();
        let target =
            if qualifier.is_empty() { self.scopes.unqualified(&column) } else { self.scopes.qualified(&qualifier, &self.references.relations) };
        self.references.columns.push(ColumnReference { qualifier, column, range, target });
    }

    /// `sqlparser` takes more key words as names than PostgreSQL does.
    fn refuse_keyword(&mut self, first: Option<&Ident>) {
        let Some(ident) = first.filter(|ident| ident.quote_style.is_none()) else { return };
        let word = name(ident);
        if keyword::find(&word).is_some_and(|keyword| matches!(keyword.category, Category::Reserved | Category::TypeOrFunctionName)) {
            let range = self.positions.names([ident]);
            self.errors.push(Error::new(range, format!("`{word}` is a key word")).with_help("put the name in double quotes"));
        }
    }

    /// `alias.*`
    pub(super) fn all_columns(&mut self, object: &ObjectName) {
        let range = self.object_range(object);
        let Some(qualifier) = self.parts(object) else { return };
        let target = self.scopes.qualified(&qualifier, &self.references.relations);
        self.references.columns.push(ColumnReference { qualifier, column: "*".to_owned(), range, target });
    }

    /// The parts of a name; an error when one of them is no name.
    pub(super) fn parts(&mut self, object: &ObjectName) -> Option<Vec<String>> {
        let parts: Option<Vec<_>> = object.0.iter().map(|part| part.as_ident().map(name)).collect();
        if parts.is_none() {
            self.refuse(self.positions.whole(), "this form of a name is not PostgreSQL's");
        }
        parts
    }

    pub(super) fn object_range(&self, object: &ObjectName) -> Range<usize> {
        self.positions.names(object.0.iter().filter_map(ObjectNamePart::as_ident))
    }

    /// Schema and name; an error when there are more parts.
    pub(super) fn qualified_name(&mut self, object: &ObjectName) -> Option<(Option<String>, String)> {
        let mut parts = self.parts(object)?;
        let last = parts.pop()?;
        let schema = parts.pop();
        if !parts.is_empty() {
            self.refuse(self.object_range(object), "a name has at most a schema and a name");
            return None;
        }
        Some((schema, last))
    }

    fn syntax_call(&mut self, expression: &Expr, function: &str, arguments: usize) {
        let range = self.positions.start_of(expression);
        self.references.functions.push(plain_call(None, function.to_owned(), arguments, range));
    }

    fn type_reference(&mut self, data_type: &DataType) {
        let range = custom_name(data_type).map_or(self.positions.whole(), |object| self.object_range(object));
        match TypeName::parse(&data_type.to_string()) {
            Ok(type_name) => self.references.types.push(TypeReference { type_name, range }),
            Err(error) => self.errors.push(Error { range, ..error }),
        }
    }

    fn function<'a>(&mut self, function: &'a Function, rest: &mut Vec<&'a Expr>) {
        let range = self.object_range(&function.name);
        let Some((schema, called)) = self.qualified_name(&function.name) else { return };
        if function.uses_odbc_syntax || !matches!(function.parameters, FunctionArguments::None) || function.null_treatment.is_some() {
            self.refuse(range.clone(), "this form of a call is not PostgreSQL's");
        }
        let mut call = plain_call(schema, called, 0, range.clone());
        match &function.args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => {
                self.query(query);
                // `array(select …)` is a form of the grammar, not a call.
                if call.schema.is_none() && call.name == "array" {
                    return;
                }
                call.arguments = 1;
            }
            FunctionArguments::List(list) => {
                call.is_distinct = matches!(list.duplicate_treatment, Some(sqlparser::ast::DuplicateTreatment::Distinct));
                for argument in &list.args {
                    self.argument(argument, &mut call, rest);
                }
                for clause in &list.clauses {
                    match clause {
                        FunctionArgumentClause::OrderBy(order) => rest.extend(order.iter().map(|order| &order.expr)),
                        FunctionArgumentClause::JsonNullClause(_) => {}
                        FunctionArgumentClause::JsonReturningClause(returning) => self.type_reference(&returning.data_type),
                        _ => self.refuse(range.clone(), "this form of a call is not PostgreSQL's"),
                    }
                }
            }
        }
        rest.extend(function.within_group.iter().map(|order| &order.expr));
        rest.extend(function.filter.as_deref());
        match &function.over {
            None => {}
            Some(WindowType::NamedWindow(_)) => call.is_window = true,
            Some(WindowType::WindowSpec(window)) => {
                call.is_window = true;
                self.window(window);
            }
        }
        self.references.functions.push(call);
    }

    /// One argument of a call; its expression goes on the work list.
    pub(super) fn argument<'a>(&mut self, argument: &'a FunctionArg, call: &mut FunctionCall, rest: &mut Vec<&'a Expr>) {
        let value = match argument {
            FunctionArg::Unnamed(value) => value,
            FunctionArg::Named { name: given, arg, .. } => {
                call.named_arguments.push(name(given));
                arg
            }
            FunctionArg::ExprNamed { name: Expr::Identifier(given), arg, .. } => {
                call.named_arguments.push(name(given));
                arg
            }
            FunctionArg::ExprNamed { name, arg, .. } => {
                // `json_object('key': value)`
                rest.push(name);
                arg
            }
        };
        call.arguments += 1;
        match value {
            // The older way to write `name => value`, which the parser takes for an operator.
            FunctionArgExpr::Expr(Expr::BinaryOp { left, op: BinaryOperator::Assignment, right }) => match &**left {
                Expr::Identifier(given) => {
                    call.named_arguments.push(name(given));
                    rest.push(right);
                }
                other => self.refuse(self.positions.start_of(other), "only a name stands before `:=`"),
            },
            FunctionArgExpr::Expr(expression) => rest.push(expression),
            FunctionArgExpr::QualifiedWildcard(object) => self.all_columns(object),
            FunctionArgExpr::Wildcard => {
                call.is_star = true;
                call.arguments -= 1;
            }
            FunctionArgExpr::WildcardWithOptions(_) => self.refuse(call.range.clone(), "this form of a call is not PostgreSQL's"),
        }
    }

    pub(super) fn window(&mut self, window: &WindowSpec) {
        window.partition_by.iter().for_each(|expression| self.expression(expression));
        self.order(&window.order_by);
        let bounds = window.window_frame.iter().flat_map(|frame| [Some(&frame.start_bound), frame.end_bound.as_ref()]);
        for bound in bounds.flatten() {
            if let WindowFrameBound::Preceding(Some(offset)) | WindowFrameBound::Following(Some(offset)) = bound {
                self.expression(offset);
            }
        }
    }

    pub(super) fn order(&mut self, order: &[OrderByExpr]) {
        order.iter().for_each(|order| self.expression(&order.expr));
    }

    /// The position of any part that has one, for an error.
    pub(super) fn refuse_part(&mut self, part: &impl Spanned, what: &str) {
        self.refuse(self.positions.start_of(part), what);
    }
}

pub(super) fn plain_call(schema: Option<String>, name: String, arguments: usize, range: Range<usize>) -> FunctionCall {
    FunctionCall {
        schema,
        name,
        arguments,
        named_arguments: Vec::new(),
        is_distinct: false,
        is_star: false,
        is_window: false,
        is_in_from: false,
        range,
    }
}

/// The name in a type that the parser does not know, which alone has a position.
fn custom_name(data_type: &DataType) -> Option<&ObjectName> {
    match data_type {
        DataType::Custom(object, _) => Some(object),
        DataType::Array(
            sqlparser::ast::ArrayElemTypeDef::AngleBracket(inner)
            | sqlparser::ast::ArrayElemTypeDef::SquareBracket(inner, _)
            | sqlparser::ast::ArrayElemTypeDef::Parenthesis(inner),
        ) => custom_name(inner),
        _ => None,
    }
}
