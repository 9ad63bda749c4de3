//! A part of a verification: a VALUES list of what the spec says, and the comparisons that read it.

use crate::sql::identifier::is_plain;
use crate::sql::quoted::write_quoted;

/// What the spec says about one kind of object.
pub struct Part {
    /// Name of the list in the query.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [&'static str],
    /// Its rows as SQL, one below the other: large specs have hundreds of thousands.
    rows: String,
    /// A SELECT that compares; without rows there is nothing to compare.
    pub comparison: Option<&'static str>,
    /// Whether other comparisons read the list, so that it must be there without rows, too.
    pub shared: bool,
}

impl Part {
    pub fn new(name: &'static str, columns: &'static [&'static str], comparison: &'static str) -> Part {
        Part { name, columns, rows: String::new(), comparison: Some(comparison), shared: false }
    }

    /// A list that other comparisons read.
    pub fn shared(name: &'static str, columns: &'static [&'static str]) -> Part {
        Part { name, columns, rows: String::new(), comparison: None, shared: true }
    }

    /// A list that is there only where it has rows.
    pub fn list_only(name: &'static str, columns: &'static [&'static str]) -> Part {
        Part { name, columns, rows: String::new(), comparison: None, shared: false }
    }

    /// Adds a row of texts.
    pub fn texts(&mut self, values: &[&str]) {
        self.begin_row();
        write_texts(&mut self.rows, values);
        self.rows.push(')');
    }

    /// Adds a row as SQL, without its parentheses.
    pub fn push(&mut self, row: &str) {
        self.begin_row();
        self.rows.push_str(row);
        self.rows.push(')');
    }

    fn begin_row(&mut self) {
        self.rows.push_str(if self.rows.is_empty() { "    (" } else { ",\n    (" });
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether the query holds the list.
    pub fn has_list(&self) -> bool {
        self.shared || !self.is_empty()
    }

    /// Writes the list.
    pub fn write_list(&self, out: &mut String) {
        out.push_str("  ");
        out.push_str(self.name);
        out.push_str(" (");
        out.push_str(&self.columns.join(", "));
        if self.is_empty() {
            let nothing = self.columns.iter().map(|_| "NULL::text").collect::<Vec<_>>().join(", ");
            out.push_str(&format!(") AS (SELECT {nothing} WHERE false)"));
        } else {
            out.push_str(") AS (VALUES\n");
            out.push_str(&self.rows);
            out.push_str("\n  )");
        }
    }

    /// The comparison, where there is something to compare.
    pub fn comparison(&self) -> Option<&'static str> {
        self.comparison.filter(|_| !self.is_empty())
    }
}

/// Texts as a row, without the parentheses.
pub fn texts(values: &[&str]) -> String {
    let mut row = String::new();
    write_texts(&mut row, values);
    row
}

fn write_texts(out: &mut String, values: &[&str]) {
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        write_quoted(out, value);
    }
}

/// `a, b, c` or `none`, sorted as bytes.
pub fn sorted(names: &[&str]) -> String {
    let mut names = names.to_vec();
    names.sort_unstable();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Names of PostgreSQL as `catalogs.sql` prints them: those that need no quotes for their letters stand without, even key words. Which words are key
/// words differs between versions, and a session can have everything quoted.
pub fn plain(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('"') {
        written.push_str(before);
        let mut quotes = after.match_indices('"').map(|(place, _)| place).peekable();
        let mut end = None;
        while let Some(place) = quotes.next() {
            // A quote in a name is written twice.
            if quotes.next_if_eq(&(place + 1)).is_none() {
                end = Some(place);
                break;
            }
        }
        let Some((name, behind)) = end.and_then(|end| after.split_at_checked(end)) else {
            rest = rest.get(before.len()..).unwrap_or_default();
            break;
        };
        if is_plain(name) {
            written.push_str(name);
        } else {
            written.extend(["\"", name, "\""]);
        }
        rest = behind.strip_prefix('"').unwrap_or_default();
    }
    written.push_str(rest);
    written
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn quotes_stand_where_letters_need_them() {
        for (text, expected) in [
            ("text NOT NULL", "text NOT NULL"),
            ("UNIQUE (\"order\", a, \"Order\")", "UNIQUE (order, a, \"Order\")"),
            ("\"a\"\"b\".\"system_user\"[]", "\"a\"\"b\".system_user[]"),
            ("\"char\" COLLATE \"C\"", "char COLLATE \"C\""),
            ("\"\"\"a\"", "\"\"\"a\""),
            ("odd \"end", "odd \"end"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
