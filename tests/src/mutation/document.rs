//! The keys of a TOML file with their places.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A key with its value.
pub struct Entry<'t> {
    /// The names from the outermost table to the key.
    pub path: Vec<String>,
    pub key: Range<usize>,
    pub value: Range<usize>,
    pub kind: Value<'t>,
}

/// A value, as far as operators ask.
pub enum Value<'t> {
    /// A string without escapes: where its text stands.
    Text(Range<usize>),
    Boolean(bool),
    /// The elements, with the text of those that are strings.
    Array(Vec<(Range<usize>, Option<String>)>),
    /// The keys of a table, and whether it is inline.
    Table(Vec<String>, bool),
    Other(std::marker::PhantomData<&'t ()>),
}

/// A file.
pub struct Document<'t> {
    pub text: &'t str,
    pub entries: Vec<Entry<'t>>,
}

impl<'t> Document<'t> {
    /// None where the text is no TOML.
    pub fn read(text: &'t str) -> Option<Document<'t>> {
        let table = DeTable::parse(text).ok()?;
        let mut document = Document { text, entries: Vec::new() };
        document.table(table.get_ref(), &[]);
        Some(document)
    }

    fn table(&mut self, table: &DeTable<'_>, path: &[String]) {
        for (key, value) in table.iter() {
            let mut path = path.to_vec();
            path.push(key.get_ref().to_string());
            self.value(path, key.span(), value.span(), value.get_ref());
        }
    }

    fn value(&mut self, path: Vec<String>, key: Range<usize>, span: Range<usize>, value: &DeValue<'_>) {
        let kind = match value {
            DeValue::String(text) => self
                .text
                .get(span.clone())
                .and_then(|raw| raw.find(text.as_ref()))
                .map_or(Value::Other(std::marker::PhantomData), |start| Value::Text(span.start + start..span.start + start + text.len())),
            DeValue::Boolean(boolean) => Value::Boolean(*boolean),
            DeValue::Array(values) => Value::Array(
                values
                    .iter()
                    .map(|value| (value.span(), if let DeValue::String(text) = value.get_ref() { Some(text.to_string()) } else { None }))
                    .collect(),
            ),
            DeValue::Table(table) => {
                let inline = self.text.get(span.clone()).is_some_and(|raw| raw.starts_with('{'));
                Value::Table(table.iter().map(|(key, _)| key.get_ref().to_string()).collect(), inline)
            }
            _ => Value::Other(std::marker::PhantomData),
        };
        self.entries.push(Entry { path: path.clone(), key, value: span, kind });
        match value {
            DeValue::Table(table) => self.table(table, &path),
            DeValue::Array(values) => {
                for (place, value) in values.iter().enumerate() {
                    if let DeValue::Table(table) = value.get_ref() {
                        let mut path = path.clone();
                        path.push(place.to_string());
                        self.table(table, &path);
                    }
                }
            }
            _ => {}
        }
    }

    /// The bytes of a key with its value, and with the comma that parts it from its neighbour.
    pub fn whole(&self, entry: &Entry<'_>) -> Range<usize> {
        self.with_comma(entry.key.start..entry.value.end)
    }

    /// The bytes of an element of an array or inline table, with a comma.
    pub fn with_comma(&self, range: Range<usize>) -> Range<usize> {
        let behind = &self.text[range.end..];
        let next = behind.len() - behind.trim_start().len();
        if behind[next..].starts_with(',') {
            return range.start..range.end + next + 1;
        }
        let before = self.text[..range.start].trim_end();
        if before.ends_with(',') { before.len() - 1..range.end } else { range }
    }

    /// The keys of the table in which an entry stands.
    pub fn siblings<'d>(&'d self, entry: &'d Entry<'t>) -> impl Iterator<Item = &'d Entry<'t>> {
        let depth = entry.path.len();
        self.entries.iter().filter(move |other| other.path.len() == depth && other.path[..depth - 1] == entry.path[..depth - 1])
    }

    /// The sections whose header begins like this one, such as `[table.notes.policy.own]`: from the header to the next.
    pub fn sections(&self) -> Vec<(String, Range<usize>)> {
        let mut starts: Vec<usize> = self.text.match_indices("\n[").map(|(start, _)| start + 1).collect();
        if self.text.starts_with('[') {
            starts.insert(0, 0);
        }
        let ends = starts.iter().skip(1).copied().chain([self.text.len()]);
        let sections = starts.iter().zip(ends).map(|(start, end)| {
            let header = self.text[*start..].lines().next().unwrap_or_default();
            (header.split(']').next().unwrap_or_default().trim_start_matches('[').to_owned(), *start..end)
        });
        sections.collect()
    }
}
