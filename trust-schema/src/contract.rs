//! What the functions of a spec promise to those who call them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalog::Id;
use crate::kinds::function::Effect;

/// The promises of all functions, and the errors that they can answer.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    pub functions: BTreeMap<Id, FunctionContract>,
    /// By name, in the order of names.
    pub errors: BTreeMap<String, ErrorContract>,
}

/// What a function promises beyond what PostgreSQL stores of it.
#[derive(Debug, Clone)]
pub struct FunctionContract {
    pub summary: String,
    pub effect: Effect,
    /// The columns of the result that may be NULL; the empty name stands for a single value.
    pub nullable: BTreeSet<String>,
    /// The guards that it asserts first, in order.
    pub guards: Vec<String>,
    /// The errors that it can raise: its own, its guards', and those of every function of the spec that it calls.
    pub errors: BTreeSet<String>,
    /// The functions of the spec that it calls.
    pub calls: BTreeSet<Id>,
}

/// What a function promises that PostgreSQL does not store, and clients rely on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// See [`FunctionContract::nullable`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub nullable: BTreeSet<String>,
    /// See [`FunctionContract::errors`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub errors: BTreeSet<String>,
}

/// Promises by function.
pub type Promises = BTreeMap<Id, Promise>;

impl Contract {
    /// What a release keeps of it.
    pub fn promises(&self) -> Promises {
        let promise = |function: &FunctionContract| Promise { nullable: function.nullable.clone(), errors: function.errors.clone() };
        self.functions.iter().map(|(id, function)| (id.clone(), promise(function))).collect()
    }
}

/// A named error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorContract {
    /// The HTTP status that PostgREST answers.
    pub status: u16,
    /// `PT` and the status (PostgREST: Errors, "HTTP status codes" from SQLSTATE).
    pub sqlstate: String,
    pub summary: String,
}

impl Contract {
    /// Extends the errors of every function by those of the functions that it calls. Linear in functions and calls, times the number of
    /// errors that travel along a call.
    pub fn close(&mut self) {
        let mut callers: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for (caller, function) in &self.functions {
            for callee in &function.calls {
                callers.entry(callee.clone()).or_default().push(caller.clone());
            }
        }
        let mut pending: Vec<Id> = self.functions.keys().cloned().collect();
        while let Some(callee) = pending.pop() {
            let Some(errors) = self.functions.get(&callee).map(|function| function.errors.clone()) else { continue };
            for caller in callers.get(&callee).into_iter().flatten() {
                let Some(function) = self.functions.get_mut(caller) else { continue };
                let before = function.errors.len();
                function.errors.extend(errors.iter().cloned());
                if function.errors.len() > before {
                    pending.push(caller.clone());
                }
            }
        }
    }
}
