//! What an expression may call where PostgreSQL evaluates it for one row.

use super::{Lowering, TypeForm};
use crate::catalog::QualifiedName;
use crate::diagnostic::{Diagnostic, codes};
use crate::spec::Text;
use crate::sql::builtin;
use crate::sql::expression::{self, Expression, OuterCall};

impl Lowering<'_> {
    /// Refuses aggregates, window functions and functions that return sets outside of sub-queries: PostgreSQL takes them in no check, default,
    /// policy or index, and a guard whose argument is a set without rows would not be asserted at all.
    pub(super) fn one_value(&mut self, text: &Text, parsed: &Expression) -> bool {
        let problem = expression::outer_calls(parsed).into_iter().find_map(|call| self.problem_of(&call).map(|problem| (call, problem)));
        let Some((call, problem)) = problem else { return true };
        let message = format!("`{}` {problem}", call.name);
        self.report(
            Diagnostic::error(&codes::BAD_SQL, message, text.span)
                .help("one value for one row is expected here; in a sub-query it may stand where sub-queries may"),
        );
        false
    }

    fn problem_of(&self, call: &OuterCall) -> Option<&'static str> {
        if call.is_window {
            return Some("is called as a window function");
        }
        match call.schema.as_deref().filter(|schema| *schema != "pg_catalog") {
            None => {
                let function = builtin::function(&call.name)?;
                match (function.is_function, function.is_aggregate, function.is_window, function.returns_set) {
                    (false, true, _, _) => Some("is an aggregate"),
                    (false, _, true, _) => Some("is a window function"),
                    (_, _, _, true) => Some("returns a set"),
                    _ => None,
                }
            }
            Some(schema) => {
                let routines = self.names.functions.get(&QualifiedName::new(schema, call.name.as_str()))?;
                let is_set = routines.iter().any(|routine| matches!(routine.returns, TypeForm::Row(_) | TypeForm::SetOf(_)));
                is_set.then_some("returns a set")
            }
        }
    }
}
