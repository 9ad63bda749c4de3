//! Rules over the Catalog: what PostgreSQL would take and should not be given.
//!
//! A rule sees the Catalog alone, and, where there is a spec, what its functions promise and what a tenant is: so it finds in a live database
//! what a spec cannot even say. Each is one file below `rules` with its explanation and two examples, which are its tests.

mod config;
mod context;
pub mod database;
pub mod edit;
pub mod expression;
mod findings;
pub mod isolation;
pub mod prelude;
pub(crate) mod rule;
pub mod rules;
mod texts;
mod words;

pub use context::{Context, Surroundings};
pub use findings::{Finding, Findings, Found};
pub use rule::{Example, Rule};

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Voice, similar};
use crate::kinds::lint::Level;
use crate::operations::Lint;
use crate::parallel;
use crate::resolve::{Origins, Resolution};
use crate::source::Sources;

/// The rule of a code or name.
pub fn find(text: &str) -> Option<&'static Rule> {
    rules::all().find(|rule| rule.id().eq_ignore_ascii_case(text) || rule.name().eq_ignore_ascii_case(text))
}

/// The rule whose name or code is nearest to a text.
pub fn nearest(text: &str) -> Option<&'static str> {
    similar(text, rules::all().flat_map(|rule| [rule.name(), rule.id()]))
}

/// Runs every rule that `wanted` takes, whatever their levels and whatever is waived; in the order of the rules.
pub fn run(context: &Context<'_>, wanted: impl Fn(&Rule) -> bool) -> Vec<Found> {
    let rules: Vec<&'static Rule> = rules::all().filter(|rule| wanted(rule)).collect();
    let found = parallel::map(&rules, |_, rule| {
        let mut findings = Findings::default();
        (rule.check)(context, &mut findings);
        findings.0
    });
    let with_rule = |(rule, findings): (&'static Rule, Vec<Finding>)| findings.into_iter().map(move |finding| Found { rule, finding });
    rules.into_iter().zip(found).flat_map(with_rule).collect()
}

/// What is checked, and how.
pub struct Subject<'l> {
    /// `[lint]`.
    pub settings: &'l Lint,
    pub catalog: &'l Catalog,
    pub origins: &'l Origins,
    pub surroundings: Surroundings<'l>,
    pub voice: Voice,
    /// The texts of the spec, where edits of it are wanted.
    pub sources: Option<&'l Sources>,
}

impl<'l> Subject<'l> {
    /// A spec, as its `[lint]` says.
    pub fn of(resolution: &'l Resolution) -> Subject<'l> {
        Subject {
            settings: &resolution.operations.lint,
            catalog: &resolution.catalog,
            origins: &resolution.origins,
            surroundings: Surroundings::of(resolution),
            voice: Voice::Spec,
            sources: None,
        }
    }

    /// The same, and findings bring the edit that mends them.
    pub fn with_edits(self, sources: &'l Sources) -> Subject<'l> {
        Subject { sources: Some(sources), ..self }
    }
}

/// The findings, and mistakes of `[lint]` itself.
pub fn lint(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let (config, mut diagnostics) = config::read(subject.settings);
    let context = Context::new(subject.catalog, subject.surroundings.clone());
    let found = run(&context, |rule| config.level(rule) != Level::Allow);
    diagnostics.extend(config.judge(found, subject));
    crate::diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// Only what lets somebody read or write what is not theirs, and mistakes of `[lint]`: with these nothing is compiled.
pub fn leaks(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let (config, mut diagnostics) = config::read(subject.settings);
    let context = Context::new(subject.catalog, subject.surroundings.clone());
    let found = run(&context, |rule| rule.leak && config.level(rule) == Level::Error);
    diagnostics.extend(config.judge_without_unused(found, subject));
    diagnostics
}

/// Findings as diagnostics, each rule at its own level.
pub fn told(found: Vec<Found>, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let (config, mut diagnostics) = config::read(subject.settings);
    diagnostics.extend(config.judge_without_unused(found, subject));
    diagnostics
}
