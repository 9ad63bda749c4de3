//! From a resolved spec to files in memory.

pub mod access;
pub mod benchmark;
pub mod contract;
pub mod documents;
pub mod model;
pub mod monitoring;
pub mod operations;
pub mod rust;
pub mod sql;
pub mod typescript;
pub mod verification;

use std::collections::BTreeMap;

/// Files by their path relative to the output's folder, with `/`. In the order of paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(pub BTreeMap<String, String>);

impl Files {
    /// Adds a file. Room that the text does not need is given back: outputs of large specs are hundreds of megabytes.
    pub fn insert(&mut self, path: impl Into<String>, mut text: String) {
        text.shrink_to_fit();
        self.0.insert(path.into(), text);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }
}
