//! Benchmarks call functions as the functions are.

use crate::catalog::{Catalog, Id, Object};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::grant::Privilege;
use crate::operations::Benchmark;

/// Reports benchmarks whose arguments the function does not take or lacks, and whose role may not call it.
pub fn check(catalog: &Catalog, benchmarks: &[Benchmark], diagnostics: &mut Vec<Diagnostic>) {
    for benchmark in benchmarks {
        let Some(Object::Function(function)) = catalog.get(&benchmark.function) else { continue };
        for (name, _) in &benchmark.arguments {
            if !function.arguments.iter().any(|argument| argument.name == *name) {
                let known = function.arguments.iter().map(|argument| argument.name.as_str());
                let message = format!("function `{}` has no argument `{name}`", benchmark.function.name());
                diagnostics.push(Diagnostic::error(&codes::WRONG_ARGUMENTS, message, benchmark.span).suggest(name, known, None));
            }
        }
        for argument in &function.arguments {
            if argument.default.is_none() && !benchmark.arguments.iter().any(|(name, _)| argument.name == *name) {
                let message = format!("benchmark `{}` lacks the argument `{}`", benchmark.name, argument.name);
                diagnostics.push(Diagnostic::error(&codes::WRONG_ARGUMENTS, message, benchmark.span));
            }
        }
        let grant = catalog.get(&Id::grant(&benchmark.function, &benchmark.role));
        if !matches!(grant, Some(Object::Grant(grant)) if grant.privileges.contains(&Privilege::Execute)) {
            let message = format!("role `{}` may not call function `{}`", benchmark.role, benchmark.function.name());
            diagnostics.push(Diagnostic::error(&codes::CONTRADICTION, message, benchmark.span).help("a benchmark calls as a client does"));
        }
    }
}
