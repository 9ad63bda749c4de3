//! Guards: named assertions that a function calls before anything else.

use toml::de::DeValue;
use trust_macros::Spec;

use super::Section;
use crate::diagnostic::{Diagnostic, codes};
use crate::names::{Declaring, Lowering};
use crate::source::At;
use crate::spec::{Decode, Decoder, Entries, Shape, SqlText, Text, Value, Words};

/// An assertion: a call that returns normally only where the caller may go on.
#[derive(Debug, Clone, Spec)]
pub struct GuardSpec {
    /// Whom it lets pass, for people.
    pub summary: Option<Text>,
    /// Names in the call for which arguments are put in.
    #[spec(default)]
    pub parameters: Words,
    /// A call of a function of effect `assert`.
    #[spec(key = "assert")]
    pub assertion: SqlText,
}

impl Section for Entries<GuardSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declaring.guard(name, &spec.parameters, &spec.assertion);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (_, spec) in self.iter() {
            lowering.fragment(&spec.parameters, &spec.assertion);
        }
    }
}

/// The use of a guard by a function: its name, or `{ name = [arguments] }`.
#[derive(Debug, Clone)]
pub struct GuardUse {
    pub name: Text,
    pub arguments: Vec<SqlText>,
}

impl Decode for GuardUse {
    fn shape() -> Shape {
        Shape::Either(vec![Shape::String, Shape::Map(|| Shape::Array(|| Shape::Sql))])
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            return decoder.string(value).map(|name| GuardUse { name, arguments: Vec::new() });
        };
        let mut entries = table.iter();
        match (entries.next(), entries.next()) {
            (Some((name, arguments)), None) => {
                let name = At::new(name.get_ref().clone().into_owned(), decoder.span(name));
                Some(GuardUse { name, arguments: Vec::decode(arguments, decoder)? })
            }
            _ => {
                let span = decoder.span(value);
                decoder.report(Diagnostic::error(&codes::WRONG_TYPE, "expected one guard", span).help("write `{ name = [\"argument\"] }`"));
                None
            }
        }
    }
}
