//! SQL expressions inside objects.

use serde::{Deserialize, Serialize};

/// An SQL expression that has been checked to be exactly one.
///
/// Its text is the author's (from a spec) or PostgreSQL's canonical form (from a live database); the two are only comparable after
/// PostgreSQL itself has printed both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expression(String);

impl Expression {
    /// Takes a text that has been checked, or that PostgreSQL printed.
    pub(crate) fn checked(text: impl Into<String>) -> Expression {
        Expression(text.into())
    }

    /// Replaces the text by a mark, for comparisons in which it does not count.
    pub(crate) fn mask(&mut self) {
        self.0 = "…".to_owned();
    }

    pub fn text(&self) -> &str {
        &self.0
    }
}
