//! What an edit replaces in a TOML file. Nothing else of it changes: neither comments, nor order, nor how keys are aligned.

use std::ops::Range;

use super::document::{Document, Node, Place};
use super::rewrite::Replacement;
use crate::spec::toml::{key as written_key, string};

impl Document {
    /// A key that is there gets a text for its value. Where a string stands for the whole table (`body = "text"`), it is its `type`.
    pub fn set(&self, place: Place, key: &str, value: &str) -> Option<Replacement> {
        let node = self.node_at(place)?;
        let there = if node.is_table { self.below(place, key) } else { (key == "type").then_some(place) };
        let written = self.node_at(there?)?.value.clone();
        let single = self.text.get(written.clone())?.starts_with('\'') && !value.contains('\'');
        Some((written, if single { format!("'{value}'") } else { string(value) }))
    }

    /// A key goes, and its line with it.
    pub fn unset(&self, place: Place, key: &str) -> Option<Replacement> {
        self.remove(self.below(place, key)?)
    }

    /// What is written at a place goes: lines, or a part of `{ … }`; where nothing would be left in the braces, what holds them.
    pub fn remove(&self, place: Place) -> Option<Replacement> {
        let node = self.node_at(place)?;
        if self.is_header(node.key.start) || node.name.is_empty() {
            return self.remove_section(place, node);
        }
        let line = self.line_start(node.key.start)..self.line_end(node.end);
        let before = self.text.get(line.start..node.key.start)?;
        let after = self.text.get(node.end..line.end)?.trim_start();
        if before.trim().is_empty() && (after.is_empty() || after.starts_with('#')) {
            return Some((line, String::new()));
        }
        let parent = self.node_at(node.parent?)?;
        let position = parent.children.iter().position(|child| *child == place)?;
        let neighbour = |at: usize| parent.children.get(at).and_then(|child| self.node_at(*child));
        match (position.checked_sub(1).and_then(neighbour), neighbour(position + 1)) {
            (_, Some(next)) => Some((node.key.start..next.key.start, String::new())),
            (Some(previous), None) => Some((previous.end..node.end, String::new())),
            (None, None) => self.remove(node.parent?),
        }
    }

    /// A section `[…]` goes, with the tables in it and the comment right above it, if nothing else stands in between.
    fn remove_section(&self, place: Place, node: &Node) -> Option<Replacement> {
        let header = self.line_start(node.key.start);
        if !self.text.get(header..)?.trim_start().starts_with('[') {
            return None;
        }
        let (mut start, mut end) = (header, self.line_end(node.end));
        let lies_inside = |range: &Range<usize>| range.start >= start && range.start < end;
        let belongs = |inner: Place| self.line_of(inner).any(|above| above == place) || self.line_of(place).any(|above| above == inner);
        if self.nodes().any(|(other, inner)| lies_inside(&inner.key) && !belongs(other)) {
            return None;
        }
        while start > 0 {
            let above = self.line_start(start - 1);
            if !self.text.get(above..start)?.trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        // One of the two gaps around it is enough.
        while end < self.text.len() && self.text.get(end..self.line_end(end))?.trim().is_empty() {
            end = self.line_end(end);
        }
        if end == self.text.len() {
            start = self.text.get(..start)?.trim_end().len().max(usize::from(start > 0));
            return Some((start..end, if start > 0 { "\n".to_owned() } else { String::new() }));
        }
        Some((start..end, String::new()))
    }

    /// A place and everything in which it lies.
    fn line_of(&self, place: Place) -> impl Iterator<Item = Place> {
        std::iter::successors(Some(place), |place| self.node_at(*place)?.parent)
    }

    /// An index of a table, behind what is written of the table.
    pub fn add_index(&self, table: Place, columns: &[String]) -> Option<Replacement> {
        let node = self.node_at(table)?;
        let path: Vec<String> = {
            let mut path: Vec<String> = self.line_of(table).filter_map(|place| Some(written_key(&self.node_at(place)?.name))).collect();
            path.reverse();
            path
        };
        let name = format!("{}_{}_idx", node.name.rsplit('.').next()?, columns.join("_"));
        let listed = columns.iter().map(|column| string(column)).collect::<Vec<_>>().join(", ");
        let at = self.line_end(node.end);
        Some((at..at, format!("{}\n[{}.index.{}]\ncolumns = [{listed}]\n", self.newline_before(at), path.join("."), written_key(&name))))
    }

    /// The newline that the last line of a file may lack.
    fn newline_before(&self, at: usize) -> &'static str {
        if self.text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with('\n')) { "" } else { "\n" }
    }
}
