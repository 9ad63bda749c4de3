//! A file of the spec that is being written, and which part of it says what of the database.

use std::ops::Range;

/// What a part of a file is about: a place in the inventory.
pub type Place = usize;

/// A file as it grows.
#[derive(Debug, Default)]
pub struct File {
    pub text: String,
    /// Bytes, and what they are about; inner parts come before the outer ones.
    pub parts: Vec<(Range<usize>, Place)>,
}

impl File {
    /// Writes something, and remembers what it is about.
    pub fn about(&mut self, place: Place, write: impl FnOnce(&mut File)) {
        let start = self.text.len();
        write(self);
        self.parts.push((start..self.text.len(), place));
    }

    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The head of a table of TOML, with an empty line before it.
    pub fn head(&mut self, path: &[&str]) {
        let path: Vec<String> = path.iter().map(|part| crate::spec::toml::key(part)).collect();
        self.line(&format!("\n[{}]", path.join(".")));
    }

    /// Keys and values, the signs of equality in one column.
    pub fn keys(&mut self, pairs: &[(&str, String)]) {
        let width = pairs.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
        for (key, value) in pairs {
            self.line(&format!("{key:width$} = {value}"));
        }
    }

    /// What the innermost part around a byte is about, then the parts around that one.
    pub fn at(&self, byte: usize) -> Vec<Place> {
        let mut around: Vec<&(Range<usize>, Place)> = self.parts.iter().filter(|(range, _)| range.contains(&byte)).collect();
        around.sort_by_key(|(range, _)| range.len());
        around.into_iter().map(|(_, place)| *place).collect()
    }
}
