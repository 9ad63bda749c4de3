//! What has been compared with who calls at a place of a body.

use std::collections::{BTreeMap, BTreeSet};

/// The key of FOUND among what would be known.
pub(super) const FOUND: &str = "found";

/// What is known at a place. Expressions are in canonical writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) expressions: BTreeSet<String>,
    /// What is compared once a variable is known to be not NULL, or to be true.
    pub(super) implied: BTreeMap<(String, Implies), BTreeSet<String>>,
}

/// When a variable tells something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Implies {
    NotNull,
    True,
}

impl Compared {
    /// What holds on both ways.
    pub(super) fn meet(&self, other: &Compared) -> Compared {
        let implied = self.implied.iter().filter_map(|(key, expressions)| {
            let both = expressions.intersection(other.implied.get(key)?).cloned().collect();
            Some((key.clone(), both))
        });
        Compared { expressions: self.expressions.intersection(&other.expressions).cloned().collect(), implied: implied.collect() }
    }

    /// Forgets what was known of a variable.
    pub(super) fn assigned(&mut self, variable: &str) {
        let mentions = |known: &String| known.split(' ').any(|word| word == variable);
        self.expressions.retain(|known| !mentions(known));
        self.implied.retain(|(name, _), _| name != variable);
        for expressions in self.implied.values_mut() {
            expressions.retain(|known| !mentions(known));
        }
    }

    /// Adds what a variable tells.
    pub(super) fn imply(&mut self, variable: &str, when: Implies, expressions: BTreeSet<String>) {
        if !expressions.is_empty() {
            self.implied.insert((variable.to_owned(), when), expressions);
        }
    }

    pub(super) fn implied_by(&self, variable: &str, when: Implies) -> impl Iterator<Item = &String> {
        self.implied.get(&(variable.to_owned(), when)).into_iter().flatten()
    }
}
