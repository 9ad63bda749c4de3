//! Writing TOML that people read: bare keys where they can be, SQL of several lines as it is.

use crate::sql::identifier::forbidden;

/// A key.
pub fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if bare { name.to_owned() } else { string(name) }
}

/// A string on one line.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            character if forbidden(character).is_some() => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// A text of several lines as it is, where TOML can hold it so.
pub fn text(text: &str) -> String {
    let odd = |character: char| character != '\n' && (forbidden(character).is_some() || character == '\r');
    if !text.contains('\n') || text.contains("'''") || text.ends_with('\'') || text.chars().any(odd) {
        return string(text);
    }
    // TOML drops the line break behind the quotes.
    format!("'''\n{text}'''")
}

/// An array of strings on one line.
pub fn strings<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| string(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(value: &str) -> String {
        let table: ::toml::Table = format!("a = {value}").parse().unwrap_or_else(|error| panic!("{value}: {error}"));
        table["a"].as_str().unwrap().to_owned()
    }

    proptest::proptest! {
        #[test]
        fn every_string_comes_back(written in "[\\s\\S]{0,40}") {
            assert_eq!(back(&string(&written)), written);
            assert_eq!(back(&text(&written)), written);
            let table: ::toml::Table = format!("{} = 1", key(&written)).parse().unwrap();
            assert!(table.contains_key(&written));
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(text("begin\n  x := 'a';\nend\n"), "'''\nbegin\n  x := 'a';\nend\n'''");
        assert_eq!(back(&text("\nbegin\nend\n")), "\nbegin\nend\n");
    }
}
