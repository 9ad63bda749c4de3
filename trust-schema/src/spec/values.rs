//! The values of which specs are made.

use ::toml::de::DeValue;

use super::decode::{Decode, Decoder, Value};
use super::shape::Shape;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{At, Span};

/// Text that is data: a comment, a summary, a label.
pub type Text = At<String>;

impl Decode for At<String> {
    fn shape() -> Shape {
        Shape::String
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        decoder.string(value)
    }
}

impl Decode for bool {
    fn shape() -> Shape {
        Shape::Boolean
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Boolean(boolean) => Some(*boolean),
            _ => {
                decoder.wrong_type(value, "`true` or `false`");
                None
            }
        }
    }
}

impl Decode for At<i64> {
    fn shape() -> Shape {
        Shape::Integer
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Integer(integer) = value.get_ref() else {
            decoder.wrong_type(value, "an integer");
            return None;
        };
        let span = decoder.span(value);
        match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Some(At::new(number, span)),
            Err(_) => {
                decoder.report(Diagnostic::error(&codes::NUMBER_OUT_OF_RANGE, format!("`{}` does not fit 64 bits", integer.as_str()), span));
                None
            }
        }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn shape() -> Shape {
        Shape::Array(T::shape)
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Array(items) = value.get_ref() else {
            decoder.wrong_type(value, "an array");
            return None;
        };
        // Every item is read, so that every mistake is told.
        let read: Vec<Option<T>> = items.iter().map(|item| T::decode(item, decoder)).collect();
        read.into_iter().collect()
    }
}

/// A name that the author gives to an object, in the object's key.
pub type Name = At<String>;

/// A table whose keys are names, in the order of the file.
#[derive(Debug, Clone)]
pub struct Entries<T>(pub Vec<(Name, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Entries(Vec::new())
    }
}

impl<T> Entries<T> {
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &T)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Decode> Decode for Entries<T> {
    fn shape() -> Shape {
        Shape::Map(T::shape)
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            decoder.wrong_type(value, "a table");
            return None;
        };
        let mut entries: Vec<Option<(Name, T)>> = Vec::with_capacity(table.len());
        for (key, value) in table {
            let span = decoder.span(key);
            let name = identifier(key.get_ref(), span, decoder);
            let value = T::decode(value, decoder);
            entries.push(name.zip(value));
        }
        Some(Entries(entries.into_iter().collect::<Option<Vec<_>>>()?))
    }
}

/// Checks a name against PostgreSQL's limits.
fn identifier(text: &str, span: Span, decoder: &mut Decoder<'_>) -> Option<Name> {
    match crate::sql::identifier::check(text) {
        Ok(()) => Some(At::new(text.to_owned(), span)),
        Err(problem) => {
            let diagnostic = Diagnostic::error(&codes::BAD_NAME, problem.message, span);
            decoder.report(problem.help.into_iter().fold(diagnostic, |diagnostic, help| diagnostic.help(help)));
            None
        }
    }
}

/// SQL that the author wrote; checked when it is resolved.
#[derive(Debug, Clone)]
pub struct SqlText(pub At<String>);

impl Decode for SqlText {
    fn shape() -> Shape {
        Shape::Sql
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        decoder.string(value).map(SqlText)
    }
}

/// A list of words, for example roles.
pub type Words = Vec<At<String>>;

/// One value or an array of them.
#[derive(Debug, Clone)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: Decode> Decode for OneOrMany<T> {
    fn shape() -> Shape {
        Shape::Either(vec![T::shape(), Shape::Array(T::shape)])
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Array(_) => Vec::decode(value, decoder).map(OneOrMany),
            _ => T::decode(value, decoder).map(|single| OneOrMany(vec![single])),
        }
    }
}
