//! What is known at a place of a body: which expressions are not NULL, and whether FOUND tells that the caller's own row exists.

use std::collections::BTreeSet;

/// The facts at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Expressions in canonical writing.
    pub(super) not_null: BTreeSet<String>,
    /// FOUND is true exactly if a row was found by the identity of the caller.
    pub(super) found: bool,
}

impl Facts {
    /// What holds on both ways.
    pub(super) fn meet(&self, other: &Facts) -> Facts {
        Facts { not_null: self.not_null.intersection(&other.not_null).cloned().collect(), found: self.found && other.found }
    }

    /// Forgets what was known of a variable.
    pub(super) fn assigned(&mut self, variable: &str) {
        self.not_null.retain(|known| known.split(' ').all(|word| word != variable));
    }
}
