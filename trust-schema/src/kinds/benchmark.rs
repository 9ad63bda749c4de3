//! Benchmarks: what a function is called with when its speed is measured, and the rows among which it then has to find its own.

use trust_macros::Spec;

use super::Section;
use crate::diagnostic::{Diagnostic, codes};
use crate::names::{Declaring, Lowering};
use crate::operations::{Benchmark, BenchmarkData};
use crate::source::At;
use crate::spec::{Entries, SqlText, Text};

/// A benchmark: one call of a function, as a client makes it.
#[derive(Debug, Clone, Spec)]
pub struct BenchmarkSpec {
    /// The function that is called.
    pub function: Text,
    /// The role under which it is called.
    pub role: Text,
    /// Numbers that are drawn anew for each call: name = expression of pgbench, for example `random(1, :rows)`. SQL uses them by their name.
    #[spec(default)]
    pub variables: Entries<Text>,
    /// Claims of the request's token: name = SQL expression over the variables.
    #[spec(default)]
    pub claims: Entries<SqlText>,
    /// Arguments of the call: name = SQL expression over the variables.
    #[spec(default)]
    pub arguments: Entries<SqlText>,
    /// A single statement that reads or writes the same rows without any check, to compare with.
    pub bare: SqlText,
    /// Its share of the mixed load, beside the weights of the others; 0 keeps it out.
    pub weight: At<i64>,
    /// Ends the transaction with ROLLBACK, for calls that cannot be made twice; `false` by default.
    #[spec(default)]
    pub undo: bool,
}

/// Rows for the benchmarks.
#[derive(Debug, Clone, Spec)]
pub struct BenchmarkDataSpec {
    /// What it fills, for people.
    pub summary: Text,
    /// SQL that fills tables; `current_setting('benchmark.rows')` is how many rows are wanted.
    pub fill: SqlText,
}

/// Names that cannot be variables: the runner's own.
const ROWS: &str = "rows";
/// Largest weight: pgbench reads 64 bits, and sums them.
const HEAVIEST: i64 = 1_000_000;

impl Section for Entries<BenchmarkSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, _) in self.iter() {
            declaring.operation("benchmark", name);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            if let Some(benchmark) = lower(name, spec, lowering) {
                lowering.operations().benchmarks.push(benchmark);
            }
        }
    }
}

impl Section for Entries<BenchmarkDataSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, _) in self.iter() {
            declaring.operation("benchmark data", name);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let Some(statements) = lowering.statements(&spec.fill.0) else { continue };
            let data = BenchmarkData { name: name.value.clone(), summary: spec.summary.value.clone(), statements };
            lowering.operations().benchmark_data.push(data);
        }
    }
}

fn lower(name: &Text, spec: &BenchmarkSpec, lowering: &mut Lowering<'_>) -> Option<Benchmark> {
    let function = lowering.single_function(&spec.function)?;
    let role = lowering.role(&spec.role)?;
    let variables: Vec<Option<(String, String)>> = spec.variables.iter().map(|(name, value)| variable(name, value, lowering)).collect();
    let claims = expressions(&spec.claims, lowering);
    let arguments = expressions(&spec.arguments, lowering);
    let mut bare = lowering.statements(&spec.bare.0)?;
    if bare.len() != 1 {
        lowering.report(Diagnostic::error(&codes::NOT_ONE_STATEMENT, "the bare equivalent is exactly one statement", spec.bare.0.span));
        return None;
    }
    let weight = u32::try_from(spec.weight.value).ok().filter(|_| spec.weight.value <= HEAVIEST);
    if weight.is_none() {
        let message = format!("`{}` is no weight", spec.weight.value);
        lowering.report(Diagnostic::error(&codes::BAD_VALUE, message, spec.weight.span).help(format!("a number from 0 to {HEAVIEST}")));
    }
    Some(Benchmark {
        name: name.value.clone(),
        function,
        role,
        variables: variables.into_iter().collect::<Option<Vec<_>>>()?,
        claims: claims?,
        arguments: arguments?,
        bare: bare.remove(0),
        weight: weight?,
        undo: spec.undo,
        span: name.span,
    })
}

/// All that are wrong are told.
fn expressions(entries: &Entries<SqlText>, lowering: &mut Lowering<'_>) -> Option<Vec<(String, String)>> {
    let checked: Vec<_> = entries
        .iter()
        .map(|(name, value)| lowering.one_expression(&value.0).then(|| (name.value.clone(), value.0.value.trim().to_owned())))
        .collect();
    checked.into_iter().collect()
}

/// A variable of pgbench. Its expression goes into a line of its own: nothing in it may end the line or be anything but arithmetic.
fn variable(name: &Text, value: &Text, lowering: &mut Lowering<'_>) -> Option<(String, String)> {
    let is_name = name.value != ROWS
        && name.value.starts_with(|first: char| first.is_ascii_lowercase())
        && name.value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !is_name {
        let diagnostic = Diagnostic::error(&codes::BAD_NAME, format!("`{}` is no name of a variable", name.value), name.span);
        lowering.report(diagnostic.help("small letters, digits and `_`; `rows` is the number of rows itself"));
        return None;
    }
    let is_arithmetic = !value.value.is_empty() && value.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_ :+-*/%(),.".contains(&byte));
    if !is_arithmetic {
        let diagnostic = Diagnostic::error(&codes::BAD_VALUE, format!("the variable `{}` is no expression of pgbench", name.value), value.span);
        lowering.report(diagnostic.help("numbers, functions and variables in one line, for example `random(1, :rows)`"));
        return None;
    }
    Some((name.value.clone(), value.value.clone()))
}
