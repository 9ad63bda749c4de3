//! Names and strings as TypeScript writes them: the quotes that a formatter would choose, nothing unescaped.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

/// A string literal: in double quotes, or in single ones where that saves escapes (Prettier, "Strings").
/// Escapes are those of JSON.
pub fn string(text: &str) -> String {
    let doubles = text.matches('"').count();
    let singles = text.matches('\'').count();
    let quote = if doubles > singles { '\'' } else { '"' };
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for character in text.chars() {
        match character {
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '\u{8}' => literal.push_str("\\b"),
            '\u{c}' => literal.push_str("\\f"),
            character if character == quote => literal.extend(['\\', character]),
            // Writing to a string does not fail.
            control if u32::from(control) < 0x20 => drop(write!(literal, "\\u{:04x}", u32::from(control))),
            character => literal.push(character),
        }
    }
    literal.push(quote);
    literal
}

/// A key of an object: bare where it is an identifier.
pub fn key(name: &str) -> Cow<'_, str> {
    if is_identifier(name) { Cow::Borrowed(name) } else { Cow::Owned(string(name)) }
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    let starts = |character: char| character == '_' || character == '$' || unicode_ident::is_xid_start(character);
    characters.next().is_some_and(starts) && characters.all(|character| character == '$' || unicode_ident::is_xid_continue(character))
}

/// How many columns of a line a text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

#[cfg(test)]
mod tests {
    use super::{key, string};

    #[test]
    fn quotes_are_those_that_need_fewer_escapes() {
        assert_eq!(string("plain"), r#""plain""#);
        assert_eq!(string("it's"), r#""it's""#);
        assert_eq!(string(r#"a"b"#), r#"'a"b'"#);
        assert_eq!(string(r#"both'""#), r#""both'\"""#);
        assert_eq!(string("\n\u{1}\\"), r#""\n\u0001\\""#);
        assert_eq!(string(r#"""'"#), r#"'""\''"#);
    }

    #[test]
    fn names_that_are_no_identifiers_are_quoted() {
        assert_eq!(key("risk_tier"), "risk_tier");
        assert_eq!(key("__proto__"), "__proto__");
        assert_eq!(key("é"), "é");
        assert_eq!(key("1st"), r#""1st""#);
        assert_eq!(key("a b"), r#""a b""#);
        assert_eq!(key(""), r#""""#);
    }
}
