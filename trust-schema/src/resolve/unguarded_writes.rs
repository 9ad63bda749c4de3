//! Functions that a role may call, that have no guard, and that reach a function that may write.
//!
//! PostgreSQL refuses a write in a stable function, but not in a volatile function that a stable one calls ("Function Volatility Categories" in
//! its manual). So the effect `read` alone promises nothing: what it calls must not write either, unless a guard stands in front.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Id, Object};
use crate::contract::{Contract, FunctionContract};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::function::{Effect, Volatility};
use crate::kinds::grant::Privilege;
use crate::names::Origins;

/// Reports each function that a role may call and that leads to a write without a guard.
pub fn check(catalog: &Catalog, contract: &Contract, origins: &Origins, diagnostics: &mut Vec<Diagnostic>) {
    // For each function that may write: the function of which it is known.
    let mut writers: BTreeMap<&Id, &Id> =
        contract.functions.iter().filter(|(id, _)| may_write(catalog, id, contract)).map(|(id, _)| (id, id)).collect();
    let mut callers: BTreeMap<&Id, Vec<&Id>> = BTreeMap::new();
    for (caller, function) in contract.functions.iter().filter(|(_, function)| passes_on(function)) {
        function.calls.iter().for_each(|callee| callers.entry(callee).or_default().push(caller));
    }
    let mut pending: Vec<&Id> = writers.keys().copied().collect();
    while let Some(callee) = pending.pop() {
        let Some(writer) = writers.get(callee).copied() else { continue };
        for caller in callers.get(callee).into_iter().flatten() {
            if writers.insert(caller, writer).is_none() {
                pending.push(caller);
            }
        }
    }
    for object in catalog.objects() {
        let Object::Grant(grant) = object else { continue };
        let called = contract.functions.get(&grant.target).is_some_and(passes_on) && grant.privileges.contains(&Privilege::Execute);
        let Some(writer) = writers.get(&grant.target).filter(|_| called) else { continue };
        let Some(origin) = origins.get(&grant.target) else { continue };
        let message = format!("function `{}` has no guard and leads to `{}`, which may write", grant.target.name(), writer.name());
        if diagnostics.iter().any(|known| known.message == message) {
            continue;
        }
        let mut diagnostic = Diagnostic::error(&codes::WRITE_WITHOUT_GUARD, message, origin.span);
        if let Some(origin) = origins.get(*writer) {
            diagnostic = diagnostic.label(origin.span, "volatile, so it may write");
        }
        diagnostics.push(diagnostic.help("give the one a guard, or the other `volatility = \"stable\"`: PostgreSQL then refuses its writes"));
    }
}

/// An internal function that PostgreSQL lets write. A function of effect `write` asserts its own guard.
fn may_write(catalog: &Catalog, id: &Id, contract: &Contract) -> bool {
    let is_internal = contract.functions.get(id).is_some_and(|function| function.effect == Effect::Internal);
    is_internal && matches!(catalog.get(id), Some(Object::Function(function)) if function.volatility == Volatility::Volatile)
}

/// Whether callers get to what a function calls without a guard.
fn passes_on(function: &FunctionContract) -> bool {
    function.guards.is_empty() && matches!(function.effect, Effect::Read | Effect::Assert | Effect::Internal)
}
