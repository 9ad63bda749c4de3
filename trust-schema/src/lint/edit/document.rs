//! A TOML file as a tree of places: which key stands where, and how far what it holds reaches.

use std::ops::Range;

use rustc_hash::FxHashMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in a [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(usize);

/// A key with its value, or a value of an array.
pub(super) struct Node {
    /// Empty for a value of an array.
    pub(super) name: String,
    /// Of a value of an array: where the value is.
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) is_table: bool,
    /// What a string holds.
    string: Option<String>,
    pub(super) parent: Option<Place>,
    /// In the order of the file.
    pub(super) children: Vec<Place>,
    /// One past what is written of it, tables in it included.
    pub(super) end: usize,
}

/// A file.
pub struct Document {
    pub(super) text: String,
    nodes: Vec<Node>,
    by_key: FxHashMap<(usize, usize), usize>,
}

impl Document {
    /// None where it is no TOML.
    pub fn read(text: &str) -> Option<Document> {
        let root = DeTable::parse(text).ok()?;
        let mut document = Document { text: text.to_owned(), nodes: Vec::new(), by_key: FxHashMap::default() };
        document.table(root.get_ref(), None);
        Some(document)
    }

    fn table(&mut self, table: &DeTable<'_>, parent: Option<Place>) -> Vec<Place> {
        let mut children: Vec<Place> =
            table.iter().map(|(key, value)| self.node(key.get_ref().as_ref().to_owned(), key.span(), value, parent)).collect();
        children.sort_by_key(|place| self.node_at(*place).map(|node| node.key.start));
        children
    }

    fn node(&mut self, name: String, key: Range<usize>, value: &Spanned<DeValue<'_>>, parent: Option<Place>) -> Place {
        let place = Place(self.nodes.len());
        let string = match value.get_ref() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            _ => None,
        };
        let is_table = matches!(value.get_ref(), DeValue::Table(_));
        self.by_key.entry((key.start, key.end)).or_insert(place.0);
        self.nodes.push(Node { name, key: key.clone(), value: value.span(), is_table, string, parent, children: Vec::new(), end: 0 });
        let children = match value.get_ref() {
            DeValue::Table(table) => self.table(table, Some(place)),
            DeValue::Array(values) => values.iter().map(|value| self.node(String::new(), value.span(), value, Some(place))).collect(),
            _ => Vec::new(),
        };
        let own = if self.is_header(key.start) { key.end } else { value.span().end };
        let end = children.iter().filter_map(|child| Some(self.node_at(*child)?.end)).chain([own]).max().unwrap_or(own);
        if let Some(node) = self.nodes.get_mut(place.0) {
            node.children = children;
            node.end = end;
        }
        place
    }

    pub(super) fn node_at(&self, place: Place) -> Option<&Node> {
        self.nodes.get(place.0)
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = (Place, &Node)> {
        self.nodes.iter().enumerate().map(|(place, node)| (Place(place), node))
    }

    /// What begins with a key at these bytes.
    pub fn at(&self, key: Range<usize>) -> Option<Place> {
        self.by_key.get(&(key.start, key.end)).copied().map(Place)
    }

    /// What lies below a place: `default.sql`.
    pub fn below(&self, place: Place, path: &str) -> Option<Place> {
        path.split('.').try_fold(place, |place, name| {
            self.node_at(place)?.children.iter().copied().find(|child| self.node_at(*child).is_some_and(|node| node.name == name))
        })
    }

    /// A string that is written without escapes, and where it begins behind its quotes.
    pub fn plain_text(&self, place: Place) -> Option<(usize, &str)> {
        let node = self.node_at(place)?;
        let value = node.string.as_deref()?;
        let written = self.text.get(node.value.clone())?;
        let start = crate::source::plain_start(written, value)?;
        written.get(start..).is_some_and(|rest| rest.starts_with(value)).then_some((node.value.start + start, value))
    }

    /// Whether a byte lies in a header: `[table.notes]`.
    pub(super) fn is_header(&self, byte: usize) -> bool {
        self.text.get(self.line_start(byte)..byte).is_some_and(|before| before.trim_start().starts_with('['))
    }

    pub(super) fn line_start(&self, byte: usize) -> usize {
        self.text.get(..byte).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
    }

    /// One past the newline behind a byte; the end of the file where there is none.
    pub(super) fn line_end(&self, byte: usize) -> usize {
        self.text.get(byte..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |newline| byte + newline + 1)
    }
}
