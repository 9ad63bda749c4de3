//! Smoke tests: end-to-end checks, each compiled to one DO block whose effects are always undone.

use trust_macros::Spec;

use super::Section;
use crate::diagnostic::{Diagnostic, codes};
use crate::names::{Declaring, Lowering, TypeUse};
use crate::operations::{Expected, SmokeTest, Step};
use crate::source::Span;
use crate::spec::{Entries, SqlText, Text, Words};

/// A smoke test.
#[derive(Debug, Clone, Spec)]
pub struct SmokeTestSpec {
    /// What it shows, for people.
    pub summary: Text,
    /// Variables and their types; steps put results into them and use them in SQL.
    #[spec(default)]
    pub variables: Entries<Text>,
    /// Steps, in order.
    pub steps: Vec<StepSpec>,
}

/// A step: a statement to run, or an expectation.
#[derive(Debug, Clone, Spec)]
pub struct StepSpec {
    /// The role under which it runs; the operator's by default.
    pub role: Option<Text>,
    /// Claims of the request's token: name = SQL expression over the variables.
    #[spec(default)]
    pub claims: Entries<SqlText>,
    /// A statement.
    pub run: Option<SqlText>,
    /// Variables that take the columns of its one row.
    #[spec(default)]
    pub into: Words,
    /// The error with which it must fail.
    pub fails: Option<FailsSpec>,
    /// SQL over the variables that must be true.
    pub expect: Option<SqlText>,
    #[spec(span)]
    pub span: Span,
}

/// The error with which a step must fail.
#[derive(Debug, Clone, Spec)]
pub struct FailsSpec {
    /// The SQLSTATE, for example `42501`.
    pub sqlstate: Text,
    /// The message, when it matters.
    pub message: Option<Text>,
}

impl Section for Entries<SmokeTestSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, _) in self.iter() {
            declaring.operation("smoke test", name);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let mut variables = Vec::new();
            for (variable, ty) in spec.variables.iter() {
                if let Some(ty) = lowering.type_reference(ty, TypeUse::Column, &mut Default::default()) {
                    variables.push((variable.value.clone(), ty.text));
                }
            }
            let steps = spec.steps.iter().filter_map(|step| lower(step, spec, lowering)).collect();
            let test = SmokeTest { name: name.value.clone(), summary: spec.summary.value.clone(), variables, steps };
            lowering.operations().smoke_tests.push(test);
        }
    }
}

fn lower(step: &StepSpec, test: &SmokeTestSpec, lowering: &mut Lowering<'_>) -> Option<Step> {
    for variable in &step.into {
        if !test.variables.iter().any(|(name, _)| name.value == variable.value) {
            let known = test.variables.iter().map(|(name, _)| name.value.as_str());
            let message = format!("unknown variable `{}`", variable.value);
            lowering.report(Diagnostic::error(&codes::UNKNOWN_NAME, message, variable.span).suggest(&variable.value, known, None));
        }
    }
    match (&step.run, &step.expect) {
        (Some(run), None) => {
            let role = match &step.role {
                Some(role) => Some(lowering.role(role)?),
                None => None,
            };
            let mut statements = lowering.statements(&run.0)?;
            if statements.len() != 1 {
                lowering.report(Diagnostic::error(&codes::NOT_ONE_STATEMENT, "a step runs exactly one statement", run.0.span));
                return None;
            }
            let claims = step.claims.iter().map(|(name, value)| lowering.contained(&value.0).then(|| (name.value.clone(), value.0.value.clone())));
            let claims = claims.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()?;
            let fails = step.fails.as_ref().map(|fails| Expected {
                sqlstate: fails.sqlstate.value.clone(),
                message: fails.message.as_ref().map(|message| message.value.clone()),
            });
            let into = step.into.iter().map(|variable| variable.value.clone()).collect();
            Some(Step::Run { role, claims, statement: statements.remove(0), into, fails })
        }
        (None, Some(expect)) => lowering.contained(&expect.0).then(|| Step::Expect(expect.0.value.clone())),
        _ => {
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, "a step has either `run` or `expect`", step.span));
            None
        }
    }
}
