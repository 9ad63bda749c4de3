//! Predicates: named SQL expressions with parameters, put in wherever they are used.

use toml::de::DeValue;
use trust_macros::Spec;

use super::Section;
use crate::names::{Declaring, Lowering};
use crate::spec::{Decode, Decoder, Entries, Shape, SqlText, Text, Value, Words};

/// A named SQL expression.
#[derive(Debug, Clone, Spec)]
pub struct PredicateSpec {
    /// What it means, for people.
    pub summary: Option<Text>,
    /// Names in the expression for which arguments are put in.
    #[spec(default)]
    pub parameters: Words,
    /// The expression.
    pub sql: SqlText,
}

impl Section for Entries<PredicateSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declaring.predicate(name, &spec.parameters, &spec.sql);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        // A predicate is checked where it is used: only there are its columns known. Here it is checked for what it contains.
        for (_, spec) in self.iter() {
            lowering.fragment(&spec.parameters, &spec.sql);
        }
    }
}

/// The use of a predicate.
#[derive(Debug, Clone, Spec)]
pub struct PredicateUse {
    /// The predicate's name.
    pub predicate: Text,
    /// An SQL expression for each parameter, mostly a column.
    #[spec(default)]
    pub arguments: Vec<SqlText>,
}

/// The expression of a policy.
#[derive(Debug, Clone)]
pub enum PolicyExpression {
    Sql(SqlText),
    Predicate(PredicateUse),
}

impl Decode for PolicyExpression {
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Sql, PredicateUse::shape()])
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(_) => PredicateUse::decode(value, decoder).map(PolicyExpression::Predicate),
            _ => SqlText::decode(value, decoder).map(PolicyExpression::Sql),
        }
    }
}
