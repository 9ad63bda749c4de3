//! Names of PostgreSQL as names of a programming language.

use std::collections::HashMap;

use crate::catalog::QualifiedName;
use crate::diagnostic::{Diagnostic, codes};
use crate::names::DEFAULT_SCHEMA;
use crate::source::Span;

/// `risk_tier` and `Order Status` as `RiskTier` and `OrderStatus`.
pub fn camel(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    for word in words(name) {
        let mut characters = word.chars();
        let Some(first) = characters.next() else { continue };
        // `v1_2` and `v12` are two names.
        if first.is_numeric() && result.ends_with(char::is_numeric) {
            result.push('_');
        }
        result.extend(first.to_uppercase());
        result.push_str(characters.as_str());
    }
    not_starting_with_a_digit(result)
}

/// `createdAt` and `Order Status` as `created_at` and `order_status`. What is in this form already stays as it is.
pub fn snake(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let inner = name.trim_matches('_');
    if plain && !name.starts_with(|first: char| first.is_ascii_digit()) && !inner.is_empty() && !inner.contains("__") {
        return name.to_owned();
    }
    let mut result = String::with_capacity(name.len() + 4);
    for word in words(name) {
        if !result.is_empty() {
            result.push('_');
        }
        let mut previous_is_small = false;
        for character in word.chars() {
            if previous_is_small && character.is_uppercase() {
                result.push('_');
            }
            previous_is_small = character.is_lowercase() || character.is_numeric();
            result.extend(character.to_lowercase());
        }
    }
    not_starting_with_a_digit(result)
}

/// `risk_events` as `RISK_EVENTS`.
pub fn screaming(name: &str) -> String {
    snake(name).to_uppercase()
}

/// The parts of a name that can stand in an identifier (Unicode's XID classes). A name without any is spelled out by its code points.
fn words(name: &str) -> Vec<String> {
    let part = |character: char| character != '_' && unicode_ident::is_xid_continue(character);
    let mut words: Vec<String> = Vec::new();
    let mut inside = false;
    for character in name.chars() {
        match (part(character), inside, words.last_mut()) {
            (true, true, Some(word)) => word.push(character),
            (true, ..) => words.push(character.into()),
            (false, ..) => {}
        }
        inside = part(character);
    }
    if words.is_empty() {
        words = name.chars().map(|character| format!("u{:x}", u32::from(character))).collect();
    }
    words
}

fn not_starting_with_a_digit(name: String) -> String {
    if name.starts_with(unicode_ident::is_xid_start) { name } else { format!("_{name}") }
}

/// Gives each of several objects of different schemas a name: its own, and with its schema in front where an object of `public`, or of
/// several other schemas, has the same. That leaves a name in `public` as it is when another schema gets the same later.
pub fn qualified(names: &[&QualifiedName], convert: impl Fn(&str) -> String) -> Vec<String> {
    let mut taken: HashMap<String, Vec<&QualifiedName>> = HashMap::new();
    for name in names {
        taken.entry(convert(&name.name)).or_default().push(name);
    }
    let converted = names.iter().map(|name| {
        let alone = convert(&name.name);
        let other_schema = taken.get(&alone).into_iter().flatten().any(|other| other.schema != name.schema);
        let prefixed = other_schema && &*name.schema != DEFAULT_SCHEMA;
        if prefixed { convert(&format!("{}_{}", name.schema, name.name)) } else { alone }
    });
    converted.collect()
}

/// Names that are taken in one place of an output.
#[derive(Default)]
pub struct Taken {
    by: HashMap<String, (String, Option<Span>)>,
}

impl Taken {
    /// Takes a name for what `described` says; reports a collision at `span`.
    pub fn take(&mut self, language: &str, name: &str, described: String, span: Option<Span>, diagnostics: &mut Vec<Diagnostic>) {
        let Some((other, place)) = self.by.get(name) else {
            self.by.insert(name.to_owned(), (described, span));
            return;
        };
        let message = format!("{described} and {other} are both `{name}` in {language}");
        let diagnostic = match span {
            Some(span) => Diagnostic::error(&codes::NAME_COLLISION, message, span),
            None => Diagnostic::global(&codes::NAME_COLLISION, message),
        };
        let diagnostic = match place {
            Some(place) if Some(*place) != span => diagnostic.label(*place, format!("{other} is declared here")),
            _ => diagnostic,
        };
        diagnostics.push(diagnostic.help("rename one of them"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_converted() {
        for (name, expected_camel, expected_snake) in [
            ("risk_tier", "RiskTier", "risk_tier"),
            ("Order Status", "OrderStatus", "order_status"),
            ("in progress", "InProgress", "in_progress"),
            ("E0", "E0", "e0"),
            ("dm:create", "DmCreate", "dm_create"),
            ("createdAt", "CreatedAt", "created_at"),
            ("_id", "Id", "_id"),
            ("__a__b_", "AB", "a_b"),
            ("__x_", "X", "__x_"),
            ("v1_2", "V1_2", "v1_2"),
            ("1st", "_1st", "_1st"),
            ("", "_", "_"),
            ("_", "U5f", "u5f"),
            ("<=", "U3cU3d", "u3c_u3d"),
            ("größe", "Größe", "größe"),
            ("a\"b\nc", "ABC", "a_b_c"),
        ] {
            assert_eq!((camel(name).as_str(), snake(name).as_str()), (expected_camel, expected_snake), "{name:?}");
        }
        assert_eq!(screaming("trustProfiles"), "TRUST_PROFILES");
    }

    #[test]
    fn a_name_in_public_stays_as_it_is() {
        let names =
            [("public", "users"), ("private", "users"), ("a", "x"), ("b", "x"), ("b", "y")].map(|(schema, name)| QualifiedName::new(schema, name));
        assert_eq!(qualified(&names.iter().collect::<Vec<_>>(), camel), ["Users", "PrivateUsers", "AX", "BX", "Y"]);
    }
}
