//! What the cases have called, and how it ended: the evidence for the check that no function and no error was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::Cell;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// With a result.
    Success,
    /// With a declared error of this name, or an undeclared one of this SQLSTATE.
    Failure(String),
}

/// For each cell: the functions that were called, and how the calls ended.
pub type Calls = BTreeMap<Cell, BTreeSet<(String, Outcome)>>;

static CALLS: Mutex<Calls> = Mutex::new(BTreeMap::new());

/// Notes a call.
pub fn record(cell: Cell, function: &str, outcome: Outcome) {
    let mut calls = CALLS.lock().unwrap_or_else(PoisonError::into_inner);
    calls.entry(cell).or_default().insert((function.to_owned(), outcome));
}

/// Everything noted so far.
pub fn recorded() -> Calls {
    CALLS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
