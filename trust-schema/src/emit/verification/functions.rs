//! Functions.

use super::part::{Part, plain};
use super::selection::Selection;
use crate::catalog::Object;
use crate::hash::sha256;
use crate::kinds::function::{Function, Returns};
use crate::sql::identifier::quote;

const COLUMNS: &[&str] = &["object", "schema", "name", "arguments", "security", "volatility", "language", "settings", "result", "parameters", "body"];

pub fn parts(selection: &Selection<'_>) -> Vec<Part> {
    let mut functions = Part::new("expected_functions", COLUMNS, include_str!("sql/functions.sql"));
    for (id, object) in selection.objects() {
        let Object::Function(function) = object else { continue };
        let settings = settings(function);
        functions.texts(&[
            &id.to_string(),
            &function.name.schema,
            &function.name.name,
            &argument_types(function),
            function.security.label(),
            function.volatility.label(),
            &function.language,
            &settings,
            &plain(&result(function)),
            &parameters(function),
            &sha256(function.body.as_bytes()),
        ]);
    }
    vec![functions]
}

/// The types of the arguments, as `functions` of `catalogs.sql` prints them: without modifiers, which PostgreSQL drops.
pub fn argument_types(function: &Function) -> String {
    plain(&function.argument_types().into_iter().map(without_modifier).collect::<Vec<_>>().join(", "))
}

/// Settings by name.
fn settings(function: &Function) -> String {
    let settings = function.settings.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    if settings.is_empty() { "none".to_owned() } else { settings }
}

fn result(function: &Function) -> String {
    match &function.returns {
        Returns::Type(ty) => without_modifier(ty),
        Returns::SetOf(ty) => format!("SETOF {}", without_modifier(ty)),
        Returns::Table(columns) => {
            let columns = columns.iter().map(|(name, ty)| format!("{} {}", quote(name), without_modifier(ty))).collect::<Vec<_>>();
            format!("TABLE ({})", columns.join(", "))
        }
    }
}

fn parameters(function: &Function) -> String {
    let names = function.arguments.iter().map(|argument| argument.name.as_str()).collect::<Vec<_>>().join(", ");
    let optional = function.arguments.iter().filter(|argument| argument.default.is_some()).count();
    let mut text = if names.is_empty() { "none".to_owned() } else { names };
    if optional > 0 {
        text.push_str(&format!(", the last {optional} optional"));
    }
    if function.strict {
        text.push_str(", strict");
    }
    text
}

/// `numeric(5,2)` as `numeric`: the modifier of a type outside quotes.
fn without_modifier(ty: &str) -> String {
    let (mut text, mut quoted, mut depth) = (String::with_capacity(ty.len()), false, 0_usize);
    for character in ty.chars() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth = depth.saturating_sub(1);
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_are_dropped_outside_quotes() {
        for (ty, expected) in [
            ("numeric(5,2)", "numeric"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("character varying(10)[]", "character varying[]"),
            ("public.\"odd(1)\"", "public.\"odd(1)\""),
            ("text", "text"),
        ] {
            assert_eq!(without_modifier(ty), expected);
        }
    }
}
