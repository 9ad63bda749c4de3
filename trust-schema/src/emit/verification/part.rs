//! A part of a verification: a VALUES list of what the spec says, and the comparisons that read it.

use crate::sql::quoted::quoted;

/// What the spec says about one kind of object.
pub struct Part {
    /// Name of the list in the query.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [&'static str],
    /// Its rows, as SQL without parentheses.
    pub rows: Vec<String>,
    /// A SELECT that compares; without rows there is nothing to compare.
    pub comparison: Option<&'static str>,
    /// Whether other comparisons read the list, so that it must be there without rows, too.
    pub shared: bool,
}

impl Part {
    pub fn new(name: &'static str, columns: &'static [&'static str], comparison: &'static str) -> Part {
        Part { name, columns, rows: Vec::new(), comparison: Some(comparison), shared: false }
    }

    /// A list that other comparisons read.
    pub fn shared(name: &'static str, columns: &'static [&'static str]) -> Part {
        Part { name, columns, rows: Vec::new(), comparison: None, shared: true }
    }

    /// A list that is there only where it has rows.
    pub fn list_only(name: &'static str, columns: &'static [&'static str]) -> Part {
        Part { name, columns, rows: Vec::new(), comparison: None, shared: false }
    }

    /// Adds a row of texts.
    pub fn texts(&mut self, values: &[&str]) {
        self.rows.push(texts(values));
    }

    /// The list, unless nothing needs it.
    pub fn list(&self) -> Option<String> {
        let columns = self.columns.join(", ");
        if !self.rows.is_empty() {
            let rows = self.rows.iter().map(|row| format!("    ({row})")).collect::<Vec<_>>().join(",\n");
            return Some(format!("  {} ({columns}) AS (VALUES\n{rows}\n  )", self.name));
        }
        let nothing = self.columns.iter().map(|_| "NULL::text").collect::<Vec<_>>().join(", ");
        self.shared.then(|| format!("  {} ({columns}) AS (SELECT {nothing} WHERE false)", self.name))
    }

    /// The comparison, where there is something to compare.
    pub fn comparison(&self) -> Option<&'static str> {
        self.comparison.filter(|_| !self.rows.is_empty())
    }
}

/// Texts as a row, without the parentheses.
pub fn texts(values: &[&str]) -> String {
    values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ")
}

/// `a, b, c` or `none`, sorted as bytes.
pub fn sorted(names: &[&str]) -> String {
    let mut names = names.to_vec();
    names.sort_unstable();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
