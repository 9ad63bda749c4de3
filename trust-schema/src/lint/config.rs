//! `[lint]`: levels and waivers.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::edit::{Edit, Editor};
use super::{Found, Rule, Subject, find, nearest};
use crate::catalog::{Catalog, Id};
use crate::diagnostic::{Diagnostic, Fix, Severity, codes};
use crate::kinds::lint::Level;
use crate::operations::{Lint, Waiver};
use crate::resolve::Origins;
use crate::spec::Text;

/// What `[lint]` says, by rule.
pub struct Config<'l> {
    levels: HashMap<&'static str, Level>,
    waivers: Vec<(&'static Rule, &'l Waiver)>,
    /// Places of waivers that waived something.
    used: RefCell<BTreeSet<usize>>,
}

/// Finds the rules that `[lint]` names; tells of those that there are not.
pub fn read(lint: &Lint) -> (Config<'_>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut rule = |name: &Text| {
        let found = find(&name.value);
        if found.is_none() {
            let diagnostic = Diagnostic::error(&codes::UNKNOWN_RULE, format!("there is no rule `{}`", name.value), name.span);
            diagnostics.push(match nearest(&name.value) {
                Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")).patch(name.span, crate::spec::toml::string(nearest)),
                None => diagnostic.help("`trust-schema explain --rules` lists them"),
            });
        }
        found
    };
    let levels = lint.levels.iter().filter_map(|(name, level)| Some((rule(name)?.id(), *level))).collect();
    let waivers: Vec<_> = lint.waivers.iter().filter_map(|waiver| Some((rule(&waiver.rule)?, waiver))).collect();
    for waiver in lint.waivers.iter().filter(|waiver| waiver.reason.trim().is_empty()) {
        let message = format!("the waiver of `{}` gives no reason", waiver.rule.value);
        diagnostics.push(Diagnostic::error(&codes::UNUSED_LINT_WAIVER, message, waiver.span));
    }
    (Config { levels, waivers, used: RefCell::default() }, diagnostics)
}

impl Config<'_> {
    pub fn level(&self, rule: &Rule) -> Level {
        self.levels.get(rule.id()).copied().unwrap_or(rule.level)
    }

    /// The findings that are not waived, and the waivers that waive nothing.
    pub fn judge(&self, found: Vec<Found>, subject: &Subject<'_>) -> Vec<Diagnostic> {
        let mut diagnostics = self.judge_without_unused(found, subject);
        let used = self.used.borrow();
        let editor = subject.sources.map(|sources| Editor::new(sources, subject.origins));
        for (_, (rule, waiver)) in self.waivers.iter().enumerate().filter(|(place, _)| !used.contains(place)) {
            let message = format!("the waiver of `{}` for `{}` waives nothing", rule.name(), waiver.object.value);
            let diagnostic = Diagnostic::warning(&codes::UNUSED_LINT_WAIVER, message, waiver.span).help("remove it");
            diagnostics.push(match editor.as_ref().and_then(|editor| editor.removal(waiver.span)) {
                Some(patches) => diagnostic.fix(Fix { description: "remove it".to_owned(), patches, is_safe: true, changes: Vec::new() }),
                None => diagnostic,
            });
        }
        diagnostics
    }

    pub fn judge_without_unused(&self, found: Vec<Found>, subject: &Subject<'_>) -> Vec<Diagnostic> {
        let editor = subject.sources.map(|sources| Editor::new(sources, subject.origins));
        found.into_iter().filter(|found| !self.is_waived(found)).map(|found| self.diagnostic(found, subject, editor.as_ref())).collect()
    }

    fn is_waived(&self, found: &Found) -> bool {
        let object = &found.finding.object;
        let named = |waiver: &Waiver| waiver.object.value == object.name() || waiver.object.value == object.to_string();
        let mut waived = false;
        for (place, (rule, waiver)) in self.waivers.iter().enumerate() {
            if std::ptr::eq(*rule, found.rule) && named(waiver) {
                self.used.borrow_mut().insert(place);
                waived = true;
            }
        }
        waived
    }

    fn diagnostic(&self, found: Found, subject: &Subject<'_>, editor: Option<&Editor<'_>>) -> Diagnostic {
        let Found { rule, finding } = found;
        let diagnostic = match place(&finding.object, subject.catalog, subject.origins) {
            Some(span) => Diagnostic::error(&rule.code, finding.message, span),
            None => Diagnostic::global(&rule.code, finding.message),
        };
        let severity = if self.level(rule) == Level::Error { Severity::Error } else { Severity::Warning };
        let diagnostic = Diagnostic { severity, ..diagnostic.help(rule.remedy(subject.voice)) };
        match editor.filter(|_| !finding.edits.is_empty()).and_then(|editor| editor.patches(&finding.edits)) {
            Some(patches) => {
                let changes = finding.edits.iter().filter_map(Edit::changes_conditions_of).map(ToString::to_string).collect();
                diagnostic.fix(Fix { description: rule.mend.to_owned(), patches, is_safe: true, changes })
            }
            None => diagnostic,
        }
    }
}

/// Where the object, or what it is part of, is declared.
fn place(object: &Id, catalog: &Catalog, origins: &Origins) -> Option<crate::source::Span> {
    let own = origins.get(object).map(|origin| origin.span);
    own.or_else(|| catalog.get(object)?.parents().iter().find_map(|parent| origins.get(parent)).map(|origin| origin.span))
}
