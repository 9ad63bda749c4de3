//! What the rules found.

use super::Rule;
use crate::catalog::Id;

/// A finding about an object.
#[derive(Debug, Clone)]
pub struct Finding {
    pub object: Id,
    /// A lower-case phrase that names the object.
    pub message: String,
}

/// The findings of one rule.
#[derive(Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    pub fn add(&mut self, object: &Id, message: impl Into<String>) {
        self.0.push(Finding { object: object.clone(), message: message.into() });
    }
}

/// A finding with the rule that made it.
pub struct Found {
    pub rule: &'static Rule,
    pub finding: Finding,
}
