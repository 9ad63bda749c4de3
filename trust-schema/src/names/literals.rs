//! Values of a spec as SQL: checked against the type that they shall have, quoted by one function.

use std::collections::BTreeSet;

use super::references::{ResolvedType, TypeBase, TypeUse};
use super::{Lowering, Relation, Scope, text_values};
use crate::catalog::{Expression, Id};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::literal::Literal;
use crate::source::At;
use crate::spec::Text;
use crate::sql::quoted;
use crate::sql::type_name::Modifier;

impl Lowering<'_> {
    /// A default of a type.
    pub fn literal(&mut self, value: &Literal, ty: &ResolvedType, needs: &mut BTreeSet<Id>) -> Option<Expression> {
        match value {
            Literal::Sql(sql) => self.row_expression(&sql.0, &Scope::Nothing, needs),
            value => self.constant(value, ty),
        }
    }

    /// The value of a column, in a seed or an assignment.
    pub fn column_value(
        &mut self,
        relation: &Relation,
        name: &Text,
        value: &Literal,
        scope: &Scope<'_>,
        needs: &mut BTreeSet<Id>,
    ) -> Option<Expression> {
        let column = self.column_reference(relation, name)?;
        if column.computed {
            let message = format!("column `{}` takes no value: PostgreSQL computes it", name.value);
            self.report(Diagnostic::error(&codes::BAD_VALUE, message, name.span).label(column.span, "declared here"));
            return None;
        }
        if let Literal::Sql(sql) = value {
            if sql.0.value.trim().eq_ignore_ascii_case("null") && !column.nullable {
                let message = format!("column `{}` does not allow NULL", name.value);
                self.report(Diagnostic::error(&codes::BAD_VALUE, message, sql.0.span).label(column.span, "declared here"));
                return None;
            }
            return self.expression(&sql.0, scope, needs);
        }
        let ty = self.type_reference(&column.data_type.clone(), TypeUse::Column, needs)?;
        self.constant(value, &ty)
    }

    fn constant(&mut self, value: &Literal, ty: &ResolvedType) -> Option<Expression> {
        if let Some(problem) = problem(value, ty) {
            let diagnostic = Diagnostic::error(&codes::BAD_VALUE, problem, value.span());
            let diagnostic = match (&ty.base, value) {
                (TypeBase::Enum(values), Literal::Text(text)) => {
                    let listed = values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
                    diagnostic.suggest(&text.value, values.iter().map(String::as_str), None).help(format!("values: {listed}"))
                }
                (TypeBase::Builtin, Literal::Text(_)) if text_values::form(ty).is_some() => {
                    diagnostic.help(text_values::form(ty).unwrap_or_default())
                }
                _ => diagnostic.help("SQL is marked as such: `{ sql = \"…\" }`"),
            };
            self.report(diagnostic);
            return None;
        }
        render(value, ty).map(Expression::checked)
    }
}

/// The literal in SQL, with its type.
fn render(value: &Literal, ty: &ResolvedType) -> Option<String> {
    Some(match value {
        Literal::Text(text) => format!("{}::{}", quoted::quoted(&text.value), ty.text),
        Literal::Number(number) if is_number(&ty.name.name) && !ty.name.is_array() => number.value.clone(),
        Literal::Number(number) => format!("{}::{}", quoted::quoted(&number.value), ty.text),
        Literal::Boolean(boolean) => boolean.value.to_string(),
        Literal::Array(items) => {
            let element = element(ty);
            let rendered = items.value.iter().map(|item| render(item, &element)).collect::<Option<Vec<_>>>()?;
            if rendered.is_empty() { format!("'{{}}'::{}", ty.text) } else { format!("ARRAY[{}]::{}", rendered.join(", "), ty.text) }
        }
        // An array of SQL expressions is written as one SQL expression.
        Literal::Sql(_) => return None,
    })
}

fn element(ty: &ResolvedType) -> ResolvedType {
    let name = ty.name.element();
    ResolvedType { text: name.to_string(), name, base: ty.base.clone() }
}

fn is_number(name: &str) -> bool {
    matches!(name, "int2" | "int4" | "int8" | "numeric" | "float4" | "float8")
}

/// Why the value is none of the type.
fn problem(value: &Literal, ty: &ResolvedType) -> Option<String> {
    if ty.name.is_array() {
        return match value {
            Literal::Array(items) => items.value.iter().find_map(|item| match item {
                Literal::Sql(_) => Some("an array of values holds no SQL".to_owned()),
                item => problem(item, &element(ty)),
            }),
            // PostgreSQL's own notation of arrays.
            Literal::Text(text) if text.value.starts_with('{') => None,
            _ => Some(format!("a value of type `{}` is written as an array", ty.text)),
        };
    }
    match (&ty.base, value) {
        (TypeBase::Enum(values), Literal::Text(text)) => {
            (!values.contains(&text.value)).then(|| format!("`{}` is no value of enum `{}`", text.value, ty.text))
        }
        (TypeBase::Enum(_), _) => Some(format!("a value of enum `{}` is written as a string", ty.text)),
        (_, Literal::Array(_)) => Some(format!("an array is no value of type `{}`", ty.text)),
        (TypeBase::Builtin, value) => builtin_problem(value, ty),
        (TypeBase::Other, _) => None,
    }
}

fn builtin_problem(value: &Literal, ty: &ResolvedType) -> Option<String> {
    let name = ty.name.name.as_str();
    match value {
        Literal::Boolean(_) => (name != "bool").then(|| format!("a boolean is no value of type `{}`", ty.text)),
        Literal::Number(number) if is_number(name) => number_problem(number, ty),
        Literal::Number(_) => Some(format!("a number is no value of type `{}`", ty.text)),
        Literal::Text(_) if is_number(name) || name == "bool" => Some(format!("a string is no value of type `{}`", ty.text)),
        Literal::Text(text) => text_values::problem(&text.value, ty),
        Literal::Array(_) | Literal::Sql(_) => None,
    }
}

fn number_problem(number: &At<String>, ty: &ResolvedType) -> Option<String> {
    let range = match ty.name.name.as_str() {
        "int2" => i64::from(i16::MIN)..=i64::from(i16::MAX),
        "int4" => i64::from(i32::MIN)..=i64::from(i32::MAX),
        "int8" => i64::MIN..=i64::MAX,
        "numeric" => return numeric_problem(&number.value, ty),
        _ => return None,
    };
    match number.value.parse::<i64>() {
        Ok(value) if range.contains(&value) => None,
        Ok(value) => Some(format!("{value} does not fit type `{}`", ty.text)),
        Err(_) => Some(format!("{} is no whole number, as type `{}` needs", number.value, ty.text)),
    }
}

/// `numeric(p, s)` holds p - s digits before the point; digits behind the scale would be rounded away.
fn numeric_problem(number: &str, ty: &ResolvedType) -> Option<String> {
    let mut modifiers = ty.name.modifiers.iter().map(|modifier| match modifier {
        Modifier::Number(value) => *value,
        _ => 0,
    });
    let (precision, scale) = (modifiers.next()?, modifiers.next().unwrap_or(0));
    let unsigned = number.trim_start_matches('-');
    if unsigned.contains(['e', 'E']) {
        return None;
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = whole.trim_start_matches('0').len() as i64;
    let fraction = fraction.trim_end_matches('0').len() as i64;
    (whole > precision - scale || fraction > scale).then(|| format!("{number} does not fit type `{}`", ty.text))
}
