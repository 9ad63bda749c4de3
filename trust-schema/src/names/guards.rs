//! Guards and predicates: fragments with parameters, put in wherever they are used.

use std::collections::BTreeSet;

use super::{Fragment, Lowering, Scope};
use crate::catalog::{Expression, Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes, counted};
use crate::kinds::function::Effect;
use crate::kinds::guard::GuardUse;
use crate::kinds::predicate::{PolicyExpression, PredicateUse};
use crate::source::{At, Span};
use crate::spec::{SqlText, Text, Words};
use crate::sql::expression::{self, Expression as Parsed};
use crate::sql::fragment;

/// Functions of PostgreSQL that change the session or data, or run a text as SQL (PostgreSQL's manual, "System Administration Functions",
/// "Sequence Manipulation Functions", "Mapping Tables to XML", "Large Objects").
const EFFECTS: &[&str] = &[
    "set_config",
    "nextval",
    "setval",
    "setseed",
    "query_to_xml",
    "query_to_xmlschema",
    "query_to_xml_and_xmlschema",
    "table_to_xml",
    "cursor_to_xml",
    "lo_create",
    "lo_creat",
    "lo_from_bytea",
    "lo_put",
    "lo_unlink",
    "lo_import",
    "lo_export",
    "pg_notify",
    "pg_cancel_backend",
    "pg_terminate_backend",
    "pg_reload_conf",
    "pg_advisory_lock",
    "pg_advisory_xact_lock",
];

/// The assertions of a function, ready to stand in front of its body.
#[derive(Debug, Clone, Default)]
pub struct CompiledGuards {
    /// The guards' names, in order.
    pub names: Vec<String>,
    /// The calls, in order.
    assertions: Vec<String>,
    /// The assertion functions.
    pub calls: BTreeSet<Id>,
    /// Errors raised directly: none, an assertion is a call.
    pub raises: BTreeSet<String>,
}

impl CompiledGuards {
    pub fn is_empty(&self) -> bool {
        self.assertions.is_empty()
    }

    /// One PERFORM for each, as lines of a PL/pgSQL block. PERFORM of a bare call runs exactly once: no WHERE, no FROM.
    pub fn statements(&self) -> String {
        self.assertions.iter().map(|assertion| format!("  PERFORM {assertion};\n")).collect()
    }
}

impl Lowering<'_> {
    /// Compiles the guards of a function with these arguments (names and types).
    pub fn guards(&mut self, uses: &[GuardUse], arguments: &[(String, String)]) -> CompiledGuards {
        let mut compiled = CompiledGuards::default();
        for guard in uses {
            if let Some((assertion, call)) = self.guard(guard, arguments) {
                compiled.names.push(guard.name.value.clone());
                compiled.assertions.push(assertion);
                compiled.calls.insert(call);
            }
        }
        compiled
    }

    fn guard(&mut self, guard: &GuardUse, arguments: &[(String, String)]) -> Option<(String, Id)> {
        let Some(declared) = self.names.guards.get(&guard.name.value) else {
            let known = self.names.guards.keys().map(String::as_str).collect::<Vec<_>>();
            let message = format!("unknown guard `{}`", guard.name.value);
            self.report(Diagnostic::error(&codes::UNKNOWN_GUARD, message, guard.name.span).suggest(&guard.name.value, known, None));
            return None;
        };
        for argument in &guard.arguments {
            self.expression(&argument.0, &Scope::Arguments(arguments), &mut BTreeSet::new())?;
        }
        // What is wrong with it in itself is told where it is declared.
        self.parsed(&declared.sql.0.value).ok()?;
        let assertion = self.substituted("guard", &guard.name, declared, &guard.arguments)?;
        let call = At::new(assertion.clone(), guard.name.span);
        let parsed = self.parse(&call)?;
        if let Some(effectful) = self.effect_in_arguments(&parsed) {
            let message = format!("an argument of guard `{}` calls `{effectful}`", guard.name.value);
            let help =
                "arguments are evaluated before the assertion: they may call functions of effect `read` and those of PostgreSQL without effects";
            self.report(Diagnostic::error(&codes::BAD_GUARD, message, guard.name.span).help(help));
            return None;
        }
        let mut needs = BTreeSet::new();
        self.expression(&call, &Scope::Arguments(arguments), &mut needs)?;
        if let Some((name, span)) = self.namesake(&parsed) {
            let message = format!("guard `{}` calls `{name}`, which is also the name of a function that is no assertion", guard.name.value);
            let diagnostic = Diagnostic::error(&codes::BAD_GUARD, message, declared.sql.0.span).label(span, "no assertion");
            self.report(diagnostic.help("PostgreSQL chooses by the types of the arguments, and could choose that one: rename it"));
            return None;
        }
        let assertions: Vec<Id> = needs.into_iter().filter(|need| self.names.assertions.contains(need)).collect();
        match assertions.as_slice() {
            [id] if self.calls_itself(&parsed, id) => Some((assertion, id.clone())),
            _ => {
                let message = format!("guard `{}` is no call of an assertion", guard.name.value);
                self.report(
                    Diagnostic::error(&codes::BAD_GUARD, message, declared.sql.0.span)
                        .label(guard.name.span, "used here")
                        .help("a guard is one call of a function of effect `assert`, which raises an error where the caller may not go on"),
                );
                None
            }
        }
    }

    /// A function among the arguments of an assertion that does something: it would be done before anything is asserted, and could make up the
    /// very claims that are asserted.
    fn effect_in_arguments(&self, assertion: &Parsed) -> Option<String> {
        let does_something = |call: &&expression::FunctionCall| match call.schema.as_deref().filter(|schema| *schema != "pg_catalog") {
            None => EFFECTS.contains(&call.name.as_str()),
            Some(schema) => {
                let name = QualifiedName::new(schema, call.name.as_str());
                let routines = self.names.functions.get(&name).map(Vec::as_slice).unwrap_or_default();
                routines.iter().any(|routine| !routine.external && !matches!(routine.effect, Effect::Read | Effect::Assert))
            }
        };
        expression::references(assertion).functions.iter().find(does_something).map(|call| call.name.clone())
    }

    /// A function with the name of the assertion that is none.
    fn namesake(&self, assertion: &Parsed) -> Option<(QualifiedName, Span)> {
        let call = expression::outer_calls(assertion).into_iter().next()?;
        let name = QualifiedName::new(call.schema?, call.name);
        let routines = self.names.functions.get(&name)?;
        // Where none is an assertion, the guard is wrong for another reason.
        routines.iter().find(|routine| routine.effect == Effect::Assert)?;
        let span = routines.iter().find(|routine| routine.effect != Effect::Assert)?.span;
        Some((name, span))
    }

    /// Whether the whole expression is one call of this function: inside of another call, such as `coalesce`, it might not run.
    fn calls_itself(&self, assertion: &Parsed, id: &Id) -> bool {
        let outermost = expression::outer_calls(assertion).into_iter().next().filter(|_| expression::is_call(assertion));
        outermost.and_then(|call| Some(QualifiedName::new(call.schema?, call.name))).is_some_and(|name| {
            self.names.functions.get(&name).is_some_and(|routines| routines.iter().any(|routine| routine.id.as_ref() == Some(id)))
        })
    }

    /// Whether a guard or predicate can be used at all; told once, where it is declared.
    pub fn fragment(&mut self, parameters: &Words, sql: &SqlText) {
        for (index, parameter) in parameters.iter().enumerate() {
            if let Err(problem) = crate::sql::identifier::check(&parameter.value) {
                self.report(Diagnostic::error(&codes::BAD_NAME, problem.message, parameter.span));
            } else if crate::sql::identifier::quote(&parameter.value) != parameter.value {
                let message = format!("parameter `{}` is no plain name", parameter.value);
                self.report(
                    Diagnostic::error(&codes::BAD_NAME, message, parameter.span).help("small letters, digits and `_`, and no key word of SQL"),
                );
            }
            if let Some(first) = parameters[..index].iter().find(|first| first.value == parameter.value) {
                let message = format!("parameter `{}` is named twice", parameter.value);
                self.report(Diagnostic::error(&codes::DUPLICATE_NAME, message, parameter.span).label(first.span, "first named here"));
            }
        }
        self.one_expression(&sql.0);
    }

    /// The expression of a policy on a relation.
    pub fn policy_expression(&mut self, expression: &PolicyExpression, scope: &Scope<'_>, needs: &mut BTreeSet<Id>) -> Option<Expression> {
        match expression {
            PolicyExpression::Sql(sql) => self.expression(&sql.0, scope, needs),
            PolicyExpression::Predicate(predicate) => self.predicate(predicate, scope, needs),
        }
    }

    fn predicate(&mut self, predicate: &PredicateUse, scope: &Scope<'_>, needs: &mut BTreeSet<Id>) -> Option<Expression> {
        let Some(declared) = self.names.predicates.get(&predicate.predicate.value) else {
            let known = self.names.predicates.keys().map(String::as_str).collect::<Vec<_>>();
            let message = format!("unknown predicate `{}`", predicate.predicate.value);
            self.report(Diagnostic::error(&codes::UNKNOWN_PREDICATE, message, predicate.predicate.span).suggest(
                &predicate.predicate.value,
                known,
                None,
            ));
            return None;
        };
        for argument in &predicate.arguments {
            self.expression(&argument.0, scope, &mut BTreeSet::new())?;
        }
        self.parsed(&declared.sql.0.value).ok()?;
        let text = self.substituted("predicate", &predicate.predicate, declared, &predicate.arguments)?;
        // Mistakes of the expanded text are shown at the use: only there are the columns known.
        self.expression(&At::new(text, predicate.predicate.span), scope, needs)
    }

    fn substituted(&mut self, what: &str, name: &Text, declared: &Fragment, arguments: &[SqlText]) -> Option<String> {
        if declared.parameters.len() != arguments.len() {
            let message = format!("{what} `{}` takes {}, not {}", name.value, counted(declared.parameters.len(), "argument"), arguments.len());
            self.report(Diagnostic::error(&codes::WRONG_ARGUMENTS, message, name.span).label(declared.span, "declared here"));
            return None;
        }
        let replacements: Vec<(&str, &str)> = declared
            .parameters
            .iter()
            .map(|parameter| parameter.value.as_str())
            .zip(arguments.iter().map(|argument| argument.0.value.as_str()))
            .collect();
        match fragment::substitute(&declared.sql.0.value, &replacements) {
            Ok(text) => Some(text),
            Err(problem) => {
                let span = self.sources.inside(&declared.sql.0, problem.range);
                self.report(Diagnostic::error(&codes::BAD_SQL, problem.message, span));
                None
            }
        }
    }
}
