//! Rules over the Catalog: what PostgreSQL would take and should not be given.
//!
//! A rule sees the Catalog alone, and, where there is a spec, what its functions promise and what a tenant is: so it finds in a live database
//! what a spec cannot even say. Each is one file below `rules` with its explanation and two examples, which are its tests.

mod config;
mod context;
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

use crate::diagnostic::{Diagnostic, similar};
use crate::kinds::lint::Level;
use crate::parallel;
use crate::resolve::Resolution;

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

/// Checks a spec as its `[lint]` says: the findings, and mistakes of `[lint]` itself.
pub fn lint(resolution: &Resolution) -> Vec<Diagnostic> {
    let (config, mut diagnostics) = config::read(&resolution.operations.lint);
    let context = Context::new(&resolution.catalog, Surroundings::of(resolution));
    let found = run(&context, |rule| config.level(rule) != Level::Allow);
    diagnostics.extend(config.judge(found, &resolution.catalog, &resolution.origins));
    crate::diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// Of a spec only what lets somebody read or write what is not theirs, and mistakes of `[lint]`: with these nothing is compiled.
pub fn leaks(resolution: &Resolution) -> Vec<Diagnostic> {
    let (config, mut diagnostics) = config::read(&resolution.operations.lint);
    let context = Context::new(&resolution.catalog, Surroundings::of(resolution));
    let found = run(&context, |rule| rule.leak && config.level(rule) == Level::Error);
    diagnostics.extend(config.judge_without_unused(found, &resolution.catalog, &resolution.origins));
    diagnostics
}
