//! What the rules found.

use super::Rule;
use super::edit::Edit;
use crate::catalog::Id;

/// A finding about an object.
#[derive(Debug, Clone)]
pub struct Finding {
    pub object: Id,
    /// A lower-case phrase that names the object.
    pub message: String,
    /// What mends it in a spec, all of it together; empty where more than one edit would.
    pub edits: Vec<Edit>,
}

/// The findings of one rule.
#[derive(Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    pub fn add(&mut self, object: &Id, message: impl Into<String>) {
        self.mendable(object, message, []);
    }

    /// One that has exactly one safe edit.
    pub fn mendable(&mut self, object: &Id, message: impl Into<String>, edits: impl IntoIterator<Item = Edit>) {
        self.0.push(Finding { object: object.clone(), message: message.into(), edits: edits.into_iter().collect() });
    }
}

/// A finding with the rule that made it.
pub struct Found {
    pub rule: &'static Rule,
    pub finding: Finding,
}
