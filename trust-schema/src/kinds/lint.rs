//! `[lint]` of `trust.toml`: how grave each rule is, and what is waived.

use trust_macros::Spec;

use crate::operations::{Lint, Waiver};
use crate::source::Span;
use crate::spec::{Entries, Text};

/// How grave the findings of a rule are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Spec)]
pub enum Level {
    /// Not told.
    Allow,
    /// Told.
    Warn,
    /// Told, and `lint` fails.
    Error,
}

/// How grave each rule is, and what is waived.
#[derive(Debug, Clone, Default, Spec)]
pub struct LintSpec {
    /// Rules by their name or code, and `allow`, `warn` or `error`; [rules.md](rules.md) has the defaults.
    #[spec(default)]
    pub level: Entries<Level>,
    /// Findings that are meant as they are.
    #[spec(default)]
    pub waiver: Vec<WaiverSpec>,
}

/// A finding that is meant as it is. One that waives nothing is told.
#[derive(Debug, Clone, Spec)]
pub struct WaiverSpec {
    /// The rule, by its name or code.
    pub rule: Text,
    /// The object: `public.notes`, or with its kind, `table public.notes`.
    pub object: Text,
    /// Why it is meant.
    pub reason: Text,
    #[spec(span)]
    pub span: Span,
}

/// Takes the configuration as it is; `lint` itself knows the rules.
pub fn lower(spec: &LintSpec) -> Lint {
    let waivers = spec.waiver.iter().map(|waiver| Waiver {
        rule: waiver.rule.clone(),
        object: waiver.object.clone(),
        reason: waiver.reason.value.clone(),
        span: waiver.span,
    });
    Lint { levels: spec.level.iter().map(|(rule, level)| (rule.clone(), *level)).collect(), waivers: waivers.collect() }
}
