//! The check that nothing was left out: every function that a client may call has succeeded in every cell, and every error that
//! the contract says it raises was provoked, or is listed here with the reason why no call can.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::support::{Cell, Outcome, recorded};

const CONTRACT: &str = include_str!("../../../generated/contract/rpc-snapshot.json");

/// Errors that a function has by what it calls, and that no call of it can reach: function, error, reason.
const UNREACHABLE: &[(&str, &str, &str)] = &[
    ("create_service_identity_v1", "invalid_role", "the function asks for the role admin, which exists"),
    ("rotate_service_key_v1", "invalid_role", "the function asks for the role admin, which exists"),
    ("issue_delegation_token_v1", "invalid_role", "the function asks for the role member, which exists"),
    ("issue_delegation_token_v1", "actor_mismatch", "the function asks for the caller's own tenant"),
];

#[derive(Deserialize)]
struct Contract {
    functions: Vec<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    roles: Vec<String>,
    errors: Vec<Declared>,
}

#[derive(Deserialize)]
struct Declared {
    name: String,
}

/// The functions that some role may call, with these roles.
pub fn callable() -> Vec<(String, Vec<String>)> {
    contract().into_iter().map(|function| (function.name, function.roles)).collect()
}

fn contract() -> Vec<Function> {
    let contract: Contract = serde_json::from_str(CONTRACT).expect("the contract is readable");
    contract.functions.into_iter().filter(|function| !function.roles.is_empty()).collect()
}

/// Compares what was called with the contract, and reports the figures.
///
/// # Errors
/// A line for each gap.
pub fn judge(cells: &[Cell]) -> Result<(), String> {
    let contract = contract();
    let calls = recorded();
    let mut gaps = String::new();
    let mut provoked = 0;
    for cell in cells {
        let nothing = BTreeSet::new();
        let calls = calls.get(cell).unwrap_or(&nothing);
        for function in &contract {
            if !calls.contains(&(function.name.clone(), Outcome::Success)) {
                let _ = writeln!(gaps, "{cell}: {} never succeeded", function.name);
            }
            for error in &function.errors {
                let called = calls.contains(&(function.name.clone(), Outcome::Failure(error.name.clone())));
                let excused = UNREACHABLE.iter().any(|(name, excused, _)| *name == function.name && *excused == error.name);
                provoked += usize::from(called);
                match (called, excused) {
                    (false, false) => _ = writeln!(gaps, "{cell}: {} was not made to raise {}", function.name, error.name),
                    (true, true) => _ = writeln!(gaps, "{cell}: {} raises {}, which is listed as unreachable", function.name, error.name),
                    _ => {}
                }
            }
        }
    }
    for (name, error, _) in UNREACHABLE {
        let promised = contract.iter().any(|function| function.name == *name && function.errors.iter().any(|declared| declared.name == *error));
        if !promised {
            let _ = writeln!(gaps, "{name} does not promise {error}: strike it from the unreachable ones");
        }
    }
    let promised: usize = contract.iter().map(|function| function.errors.len()).sum();
    println!(
        "{} functions in {} cells; of {promised} errors that they promise, {} provoked in each cell, {} unreachable",
        contract.len(),
        cells.len(),
        provoked / cells.len().max(1),
        UNREACHABLE.len()
    );
    if gaps.is_empty() { Ok(()) } else { Err(gaps) }
}
