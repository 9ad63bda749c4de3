//! Values for columns and arguments of which nothing but the type, a name and a check is known.

use uuid::Uuid;

use super::Names;
use crate::live::attack::tables::{Table, Tables};

/// Values to try for a column, in order. `number` makes what is made for one row differ from the next.
pub fn candidates(tables: &Tables, table: &Table, column: &str, names: &Names, number: usize) -> Vec<String> {
    let Some(column) = table.column(column) else { return Vec::new() };
    if let Some(attributes) = tables.composites.get(&column.data_type) {
        let parts: Vec<String> = attributes
            .iter()
            .map(|data_type| if data_type == "text" { names.tag.clone() } else { simple(data_type, number).into_iter().next().unwrap_or_default() })
            .collect();
        return vec![format!("({})", parts.join(","))];
    }
    let data_type = tables.domains.get(&column.data_type).unwrap_or(&column.data_type);
    let user = names.users.get(number % names.users.len().max(1)).cloned().unwrap_or_default();
    let literals = literals_about(table, &column.name);
    if let Some(labels) = tables.labels.get(data_type) {
        // The first row is of the first kind, the next ones of every other.
        let start = number % labels.len().max(1);
        return labels.iter().cycle().skip(start).take(labels.len()).cloned().collect();
    }
    let mut values = Vec::new();
    let element = data_type.strip_suffix("[]");
    match element.unwrap_or(data_type) {
        "text" | "character varying" | "varchar" | "citext" => {
            if table.indexed.contains(&column.name) && !literals.is_empty() && number > 0 {
                let start = (number - 1) % literals.len();
                values.extend(literals.iter().cycle().skip(start).take(literals.len()).cloned());
            }
            if table.indexed.contains(&column.name) {
                values.push(user);
            }
            values.push(fresh(names));
            if !literals.is_empty() {
                let start = number.saturating_sub(1) % literals.len();
                values.extend(literals.iter().cycle().skip(start).take(literals.len()).cloned());
            }
            let hexadecimal = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
            values.extend([hexadecimal, format!("{}@example.org", names.tag), format!("https://example.org/{}", names.tag), names.tag.clone()]);
        }
        "uuid" => values.push(Uuid::new_v4().to_string()),
        "jsonb" | "json" => values.extend([format!(r#"{{"tag": "{}"}}"#, names.tag), "{}".to_owned(), "[]".to_owned(), "1".to_owned()]),
        // Times differ from tenant to tenant: a key may consist of one.
        other => values.extend(simple(other, number + usize::from_str_radix(names.tag.get(..6).unwrap_or_default(), 16).unwrap_or_default())),
    }
    if element.is_some() {
        return values.iter().map(|value| array(std::slice::from_ref(value))).chain(["{}".to_owned()]).collect();
    }
    values
}

/// A text that occurs nowhere else.
pub fn fresh(names: &Names) -> String {
    format!("{}-{}", names.tag, Uuid::new_v4())
}

/// Values of the types that do not name anybody. Empty for a type of which no value is known.
pub fn simple(data_type: &str, number: usize) -> Vec<String> {
    let stem = data_type.split('(').next().unwrap_or(data_type);
    let all: &[&str] = match stem {
        "boolean" | "bool" => &["true", "false"],
        "smallint" | "integer" | "bigint" | "int" | "numeric" | "decimal" | "real" | "double precision" => &["1", "10", "50", "100", "0", "-1"],
        "interval" => &["1 hour", "1 day"],
        "date" => return vec![format!("2030-01-{:02}", number % 28 + 1)],
        "timestamp with time zone" | "timestamptz" | "timestamp without time zone" | "timestamp" => {
            let (day, hour) = (number / 86_400 % 28 + 1, number / 3600 % 24);
            return vec![format!("2035-01-{day:02} {hour:02}:{:02}:{:02}+00", number / 60 % 60, number % 60)];
        }
        "time" | "time without time zone" => &["12:00"],
        "inet" | "cidr" => &["192.0.2.1/32"],
        "bytea" => return vec![format!("\\x{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())],
        _ => &[],
    };
    all.iter().map(|value| (*value).to_owned()).collect()
}

/// A value of the same form that occurs nowhere: another uuid for a uuid, other letters for a text. None for a value that names nothing.
pub fn unknown_like(value: &str) -> Option<String> {
    if Uuid::parse_str(value).is_ok() {
        return Some(Uuid::new_v4().to_string());
    }
    if value.len() < super::SHORTEST_SECRET {
        return None;
    }
    // Letters and digits are moved by one place, so that lengths, dots and hyphens stay.
    let next = |character: char| match character {
        'a'..='y' | 'A'..='Y' | '0'..='8' => char::from_u32(u32::from(character) + 1).unwrap_or(character),
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        other => other,
    };
    Some(value.chars().map(next).collect())
}

/// An array of texts as PostgreSQL reads it.
pub fn array(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))).collect();
    format!("{{{}}}", quoted.join(","))
}

/// The string constants in the checks that name a column.
fn literals_about(table: &Table, column: &str) -> Vec<String> {
    let mut literals: Vec<String> = Vec::new();
    for check in table.checks.iter().filter(|check| names_word(check.expression.text(), column)) {
        let mut parts = check.expression.text().split('\'');
        // What stands between the first and second quote, the third and fourth, …
        while let (Some(_), Some(literal)) = (parts.next(), parts.next()) {
            if !literals.iter().any(|known| known == literal) {
                literals.push(literal.to_owned());
            }
        }
    }
    literals
}

/// Whether a text holds a name as a word of its own.
pub fn names_word(text: &str, name: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(name).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_value_has_the_form_of_the_known_one() {
        let uuid = "0a1b2c3d-0000-4000-8000-000000000000";
        assert!(unknown_like(uuid).is_some_and(|other| other != uuid && Uuid::parse_str(&other).is_ok()));
        assert_eq!(unknown_like("dm:create-z9").as_deref(), Some("en:dsfbuf-a0"));
        assert_eq!(unknown_like("user"), None);
    }

    #[test]
    fn names_are_found_as_words() {
        assert!(names_word("key_type = 'hmac'", "key_type") && !names_word("key_type2 = 1", "key_type") && !names_word("akey", "key"));
    }
}
