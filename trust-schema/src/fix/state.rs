//! A spec, what is found in it, and who can do what.

use std::collections::{BTreeMap, BTreeSet};

use super::{Key, key};
use crate::access::{self, Access, Direction};
use crate::diagnostic::{Diagnostic, Fix, sort};
use crate::lint::{self, Subject};
use crate::release::Released;
use crate::resolve::{self, Resolved};
use crate::source::{SourceFile, Sources};

/// What is known of a spec.
pub struct State {
    /// As they were given, in their order.
    pub files: Vec<SourceFile>,
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
    /// None where the spec has errors.
    access: Option<Access>,
}

impl State {
    pub fn of(files: Vec<SourceFile>, released: Option<Released>) -> State {
        let Resolved { sources, resolution, mut diagnostics } = resolve::resolve_after(files.clone(), released);
        let access = resolution.as_ref().map(|resolution| access::access(&resolution.catalog, &resolution.project.owner));
        diagnostics.extend(resolution.iter().flat_map(|resolution| lint::lint(&Subject::of(resolution).with_edits(&sources))));
        sort(&mut diagnostics);
        State { files, sources, diagnostics, access }
    }

    /// Why what comes after the edits of these findings is not to be kept.
    pub fn refuses(&self, after: &State, targets: &[(&Diagnostic, &Fix)]) -> Option<String> {
        if self.access.is_some() && after.access.is_none() {
            let message = after.diagnostics.first().map(|diagnostic| format!(": {}", diagnostic.message)).unwrap_or_default();
            return Some(format!("the spec does not compile with it{message}"));
        }
        let (before, now) = (counted(&self.diagnostics), counted(&after.diagnostics));
        let wanted: BTreeSet<Key> = targets.iter().map(|(target, _)| key(target)).collect();
        if let Some((_, message)) = wanted.iter().find(|key| now.get(*key).copied().unwrap_or(0) >= before.get(*key).copied().unwrap_or(0)) {
            return Some(format!("it does not mend this: {message}"));
        }
        // Of a spec with errors the rules said nothing.
        let is_comparable = |code: &str| self.access.is_some() || lint::find(code).is_none();
        let is_new = |(key, count): &(&Key, &usize)| is_comparable(key.0) && before.get(*key).is_none_or(|known| known < *count);
        if let Some(((_, message), _)) = now.iter().find(is_new) {
            return Some(format!("with it there would be a new finding: {message}"));
        }
        let (Some(before), Some(now)) = (&self.access, &after.access) else { return None };
        let rewritten: BTreeSet<&str> = targets.iter().flat_map(|(_, fix)| &fix.changes).map(String::as_str).collect();
        // Whose conditions an edit writes another way is judged by its rule; nothing else may be another.
        let harmless = |change: &access::Change| match change.direction {
            Direction::Narrowed => true,
            Direction::Widened => false,
            Direction::Changed => change.object.as_ref().is_some_and(|object| rewritten.contains(object.to_string().as_str())),
        };
        access::diff(before, now).into_iter().find(|change| !harmless(change)).map(|change| format!("access would change: {change}"))
    }
}

fn counted(diagnostics: &[Diagnostic]) -> BTreeMap<Key, usize> {
    let mut counted = BTreeMap::new();
    for diagnostic in diagnostics {
        *counted.entry(key(diagnostic)).or_default() += 1;
    }
    counted
}
