//! Specs and Catalogs that are weakened at one place, and what the compiler says of each.

mod catalog;
mod text;

use std::collections::BTreeSet;

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
        told.extend(lint::lint(resolution).iter().map(|diagnostic| format!("lint {}", diagnostic.code.name)));
    }
    told
}

/// Every `step`-th mutant of a spec that has no findings itself: first those of its text, then those of its Catalog.
pub fn run(files: &[SourceFile], step: usize) -> Vec<Outcome> {
    let texts = text::mutants(files).into_iter().step_by(step);
    let mut outcomes: Vec<Outcome> =
        texts.map(|mutant| Outcome { operator: mutant.operator, place: mutant.place, told: told(mutant.files) }).collect();
    let resolved = resolve(files.to_vec());
    if let Some(resolution) = &resolved.resolution {
        for weakened in catalog::mutants(&resolution.catalog).into_iter().step_by(step) {
            let context = Context::new(&weakened.catalog, Surroundings::of(resolution));
            let found = lint::run(&context, |_| true);
            let told = found.iter().map(|found| format!("lint {}", found.rule.name())).collect();
            outcomes.push(Outcome { operator: weakened.operator, place: weakened.object, told });
        }
    }
    outcomes
}
