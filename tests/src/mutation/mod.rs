//! Specs and Catalogs that are weakened at one place, and what the compiler says of each.

mod catalog;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use trust_schema::compile::compile;
use trust_schema::diagnostic::Severity;
use trust_schema::lint::{self, Context, Surroundings};
use trust_schema::resolve::resolve;
use trust_schema::source::SourceFile;

/// A spec that is weaker at one place.
pub struct Mutant {
    pub operator: &'static str,
    pub place: String,
    pub files: Vec<SourceFile>,
}

/// What became of a mutant.
pub struct Outcome {
    pub operator: &'static str,
    pub place: String,
    /// The names of the errors and findings that the original does not have; none where it survives.
    pub told: BTreeSet<String>,
}

impl Outcome {
    /// Why nothing tells of it. None of these is shown to be equivalent.
    pub fn reason(&self) -> &'static str {
        match self.operator {
            "dropped assertion" | "swallowed assertion" | "dropped guard" => "gap: no rule asks for this assertion here",
            "swallowed exception" | "null-blind comparison" | "widened conjunction" => "gap: no rule judges conditions inside a body",
            "execute for anon" | "execute for everybody signed in" => "gap: who may execute is the spec's own word",
            _ => "gap: no rule tells of this",
        }
    }

    pub fn survives(&self) -> bool {
        self.told.is_empty()
    }
}

/// Errors of the compiler and everything that `lint` tells, by name.
fn told(files: Vec<SourceFile>) -> BTreeSet<String> {
    let compilation = compile(files);
    let errors = compilation.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let mut told: BTreeSet<String> = errors.map(|diagnostic| format!("error {}", diagnostic.code.name)).collect();
    if let Some(resolution) = &compilation.resolution {
        told.extend(lint::lint(&lint::Subject::of(resolution)).iter().map(|diagnostic| format!("lint {}", diagnostic.code.name)));
    }
    told
}

/// Errors of a change that makes no spec: such a mutant is stillborn and counts for nothing.
const STILLBORN: [&str; 8] = [
    "error toml-syntax",
    "error unknown-key",
    "error contradiction",
    "error unknown-name-in-body",
    "error unknown-column",
    "error unknown-table",
    "error unknown-type",
    "error unknown-migration",
];

/// The findings in a Catalog, each with its object.
fn findings(context: &Context<'_>) -> BTreeSet<(&'static str, String)> {
    lint::run(context, |_| true).into_iter().map(|found| (found.rule.name(), found.finding.object.to_string())).collect()
}

/// Every `step`-th mutant of a spec: first those of its text, then those of its Catalog. What is told of the original counts for nothing.
pub fn run(files: &[SourceFile], step: usize) -> Vec<Outcome> {
    let before = told(files.to_vec());
    let mut outcomes = Vec::new();
    for Mutant { operator, place, files } in text::mutants(files).into_iter().step_by(step) {
        let told: BTreeSet<String> = told(files).difference(&before).cloned().collect();
        if !STILLBORN.iter().any(|error| told.contains(*error)) {
            outcomes.push(Outcome { operator, place, told });
        }
    }
    let resolved = resolve(files.to_vec());
    if let Some(resolution) = &resolved.resolution {
        let before = findings(&Context::new(&resolution.catalog, Surroundings::of(resolution)));
        for weakened in catalog::mutants(&resolution.catalog).into_iter().step_by(step) {
            let found = findings(&Context::new(&weakened.catalog(&resolution.catalog), Surroundings::of(resolution)));
            let told = found.difference(&before).map(|(rule, _)| format!("lint {rule}")).collect();
            outcomes.push(Outcome { operator: weakened.operator, place: weakened.id.to_string(), told });
        }
    }
    outcomes
}

/// The document of a run: kills by operator and by what told of them, and the survivors.
pub fn report(outcomes: &[Outcome]) -> String {
    let mut operators: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        let count = operators.entry(outcome.operator).or_default();
        count[0] += 1;
        count[1] += usize::from(!outcome.survives());
        for told in &outcome.told {
            *rules.entry(told).or_default() += 1;
        }
    }
    let survivors: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.survives()).collect();
    let refused = outcomes.iter().filter(|outcome| outcome.told.iter().any(|told| told.starts_with("error "))).count();
    let linted = outcomes.len() - survivors.len() - refused;
    let mut text = format!(
        "# Mutation run\n\nWritten by `cargo run -p tests --example mutation`: Trust-lite weakened at one place at a time. {} mutants: {refused} refused by the compiler, {linted} found by lint alone, {} survive. Survivors are not shown to be equivalent: the compiler and lint do not see them.\n\n| Operator | Mutants | Killed |\n|---|---:|---:|\n",
        outcomes.len(),
        survivors.len()
    );
    text.extend(operators.iter().map(|(operator, [all, killed])| format!("| {operator} | {all} | {killed} |\n")));
    text.push_str("\n| Error or rule | Mutants of which it tells |\n|---|---:|\n");
    text.extend(rules.iter().map(|(rule, count)| format!("| {rule} | {count} |\n")));
    text.push_str("\n## Survivors\n\n");
    text.extend(survivors.iter().map(|outcome| format!("- {}: `{}` ({})\n", outcome.operator, outcome.place, outcome.reason())));
    text
}
