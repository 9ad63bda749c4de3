//! What PostgreSQL printed, read back as a value where that is exact.

use crate::catalog::{Catalog, Id, Kind, QualifiedName};
use crate::spec::toml::{string, text};
use crate::sql::expression;
use crate::sql::identifier::parse_reference;
use crate::sql::lexer::{self, TokenKind};
use crate::sql::value;

/// A default: as a value where the compiler would print the same, else as SQL.
pub fn default(sql: &str, data_type: &str, catalog: &Catalog) -> String {
    plain(sql, data_type, catalog).unwrap_or_else(|| format!("{{ sql = {} }}", string(sql)))
}

fn plain(sql: &str, data_type: &str, catalog: &Catalog) -> Option<String> {
    let number =
        |text: &str| !text.is_empty() && text.len() < 18 && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    match data_type {
        "boolean" if matches!(sql, "true" | "false") => return Some(sql.to_owned()),
        "smallint" | "integer" | "bigint" | "numeric" if number(sql) => return Some(sql.to_owned()),
        _ => {}
    }
    let written = sql.strip_suffix(data_type)?.strip_suffix("::")?;
    let is_enum = || {
        let (schema, name) = parse_reference(data_type).ok()?;
        Some(catalog.contains(&Id::of(Kind::Enum, &QualifiedName::new(schema?, name))))
    };
    if data_type != "text" && is_enum() != Some(true) {
        return None;
    }
    Some(string(&single_string(written)?))
}

/// The value of a text that is one string constant.
fn single_string(sql: &str) -> Option<String> {
    let lexed = lexer::lex(sql);
    match lexed.tokens.as_slice() {
        [only] if lexed.errors.is_empty() && matches!(only.kind, TokenKind::String | TokenKind::EscapeString) && only.text(sql) == sql => {
            value::string(only.kind, sql).and_then(Result::ok)
        }
        _ => None,
    }
}

/// `(state = ANY (ARRAY['a'::text, 'b'::text]))`: the column and its values.
pub fn one_of(sql: &str) -> Option<(String, Vec<String>)> {
    let inner = sql.strip_prefix('(')?.strip_suffix(')')?;
    let (column, list) = inner.split_once(" = ANY (ARRAY[")?;
    let list = list.strip_suffix("])")?;
    let (schema, column) = parse_reference(column).ok()?;
    if schema.is_some() {
        return None;
    }
    let lexed = lexer::lex(list);
    if !lexed.errors.is_empty() {
        return None;
    }
    let mut values = Vec::new();
    for group in lexed.tokens.split(|token| token.kind == TokenKind::Comma) {
        let [written, cast, ty] = group else { return None };
        if cast.kind != TokenKind::TypeCast || !ty.is_word(list, "text") {
            return None;
        }
        values.push(single_string(written.text(list))?);
    }
    // A list of one is printed another way.
    (values.len() > 1).then_some((column, values))
}

/// The text without the parentheses around all of it.
pub fn without_parentheses(sql: &str) -> &str {
    let Some(inner) = sql.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return sql };
    // `(a) or (b)` is no longer one expression without them.
    if expression::parse(inner).is_ok() { inner } else { sql }
}

/// SQL of several lines as it is.
pub fn sql(written: &str) -> String {
    text(written.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_values_are_read() {
        let read = one_of("(state = ANY (ARRAY['a'::text, 'it''s, b'::text]))");
        assert_eq!(read, Some(("state".to_owned(), vec!["a".to_owned(), "it's, b".to_owned()])));
        assert_eq!(one_of("(state = ANY (ARRAY['a'::text, lower('b'::text)]))"), None);
        assert_eq!(one_of("(state <> ''::text)"), None);
    }

    #[test]
    fn values_are_read_where_they_are_exact() {
        let catalog = Catalog::default();
        for (sql, ty, expected) in [
            ("'a b'::text", "text", "\"a b\""),
            ("true", "boolean", "true"),
            ("0", "integer", "0"),
            ("'x'::character varying", "character varying(3)", "{ sql = \"'x'::character varying\" }"),
            ("now()", "timestamp with time zone", "{ sql = \"now()\" }"),
            ("('a'::text || 'b'::text)", "text", "{ sql = \"('a'::text || 'b'::text)\" }"),
        ] {
            assert_eq!(default(sql, ty, &catalog), expected);
        }
    }
}
