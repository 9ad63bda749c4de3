//! Values written in a spec: data, never SQL, unless marked.

use toml::de::DeValue;
use trust_macros::Spec;

use crate::diagnostic::{Diagnostic, codes};
use crate::source::At;
use crate::spec::{Decode, Decoder, Shape, SqlText, Value};

/// A value of a default, a seed row or a kill switch.
#[derive(Debug, Clone)]
pub enum Literal {
    Text(At<String>),
    /// An integer or a decimal, as written.
    Number(At<String>),
    Boolean(At<bool>),
    Array(At<Vec<Literal>>),
    Sql(SqlText),
}

/// SQL, marked as such: `{ sql = "now()" }`.
#[derive(Debug, Clone, Spec)]
struct Marked {
    /// An SQL expression.
    sql: SqlText,
}

impl Decode for Literal {
    fn shape() -> Shape {
        Shape::Literal
    }

    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = decoder.span(value);
        match value.get_ref() {
            DeValue::String(_) => decoder.string(value).map(Literal::Text),
            DeValue::Integer(_) => {
                let number = At::<i64>::decode(value, decoder)?;
                Some(Literal::Number(At::new(number.value.to_string(), span)))
            }
            DeValue::Float(float) if float.as_str().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E' | b'_')) => {
                Some(Literal::Number(At::new(float.as_str().replace(['_', '+'], ""), span)))
            }
            DeValue::Float(float) => {
                let message = format!("`{}` is no number that can be written here", float.as_str());
                decoder.report(
                    Diagnostic::error(&codes::BAD_VALUE, message, span)
                        .help("write `{ sql = \"'Infinity'::float8\" }` or `{ sql = \"'NaN'::float8\" }`"),
                );
                None
            }
            DeValue::Datetime(_) => {
                decoder.report(
                    Diagnostic::error(&codes::WRONG_TYPE, "expected a string, found a date or time", span)
                        .help("write it as a string: \"2026-01-31\""),
                );
                None
            }
            DeValue::Boolean(boolean) => Some(Literal::Boolean(At::new(*boolean, span))),
            DeValue::Array(_) => Vec::decode(value, decoder).map(|items| Literal::Array(At::new(items, span))),
            DeValue::Table(_) => Marked::decode(value, decoder).map(|marked| Literal::Sql(marked.sql)),
        }
    }
}

impl Literal {
    pub fn span(&self) -> crate::source::Span {
        match self {
            Literal::Text(value) | Literal::Number(value) => value.span,
            Literal::Boolean(value) => value.span,
            Literal::Array(value) => value.span,
            Literal::Sql(value) => value.0.span,
        }
    }
}

impl Literal {
    /// The value as the author wrote it, to tell values apart.
    pub fn describe(&self) -> String {
        match self {
            Literal::Text(value) => format!("'{}'", value.value),
            Literal::Number(value) => value.value.clone(),
            Literal::Boolean(value) => value.value.to_string(),
            Literal::Array(items) => items.value.iter().map(Literal::describe).collect::<Vec<_>>().join(","),
            Literal::Sql(sql) => sql.0.value.clone(),
        }
    }
}
