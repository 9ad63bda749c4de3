//! Everything that is said of scripts: the rules, policies without end, and the bodies of functions.

use std::collections::BTreeSet;

use super::bodies::{self, Routine};
use super::{Project, origins, waivers};
use crate::access;
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::diagnostic::{self, Diagnostic, Voice};
use crate::kinds::lint::Level;
use crate::kinds::role::Owner;
use crate::lint::{self, Context, Found, Subject, Surroundings};
use crate::operations::Lint;
use crate::resolve::policy_recursion;
use crate::sql::expression;

/// What a server held after it ran the scripts.
#[derive(Debug)]
pub struct State {
    /// What was there before, which is the platform's.
    pub before: Catalog,
    pub after: Catalog,
    /// Every function.
    pub routines: Vec<Routine>,
    /// The name of every type.
    pub types: BTreeSet<String>,
    /// What is said of a finding that is made in this state alone.
    pub only: String,
}

/// All findings of the scripts, in one or several states of the platform.
pub fn lint(project: &Project, states: &[State]) -> Vec<Diagnostic> {
    let found: Vec<Vec<Diagnostic>> = states.iter().map(|state| of_state(project, state)).collect();
    let same = |a: &Diagnostic, b: &Diagnostic| a.code == b.code && a.message == b.message && a.labels == b.labels;
    let mut merged: Vec<Diagnostic> = Vec::new();
    for (place, (state, diagnostics)) in states.iter().zip(&found).enumerate() {
        for diagnostic in diagnostics {
            if merged.iter().any(|known| same(known, diagnostic)) {
                continue;
            }
            let everywhere = found.iter().enumerate().all(|(other, all)| other == place || all.iter().any(|known| same(known, diagnostic)));
            merged.push(if everywhere { diagnostic.clone() } else { diagnostic.clone().help(state.only.as_str()) });
        }
    }
    let mut diagnostics = waivers::apply(project, merged);
    diagnostic::sort(&mut diagnostics);
    diagnostics
}

fn of_state(project: &Project, state: &State) -> Vec<Diagnostic> {
    let made = origins::trace(project, &state.before, &state.after);
    let settings = Lint::default();
    let surroundings = Surroundings::supabase();
    let subject = Subject { settings: &settings, catalog: &state.after, origins: &made.origins, surroundings, voice: Voice::Sql };
    let mut diagnostics = lint::told(findings(state, &subject.surroundings), &subject);
    let mut endless = Vec::new();
    policy_recursion::check(&with_needs(&state.after), &made.origins, &mut endless);
    let help = "let one of them ask a SECURITY DEFINER function: it runs as its owner, whom no policy restricts";
    diagnostics.extend(endless.into_iter().map(|diagnostic| Diagnostic { help: vec![help.to_owned()], ..diagnostic }));
    let access = access::access(&state.after, &Owner { bypasses_row_security: true, ..Owner::default() });
    diagnostics.extend(bodies::check(state, &made, &access, &project.sources));
    diagnostics
}

/// What the rules find and would not find in the platform alone.
fn findings(state: &State, surroundings: &Surroundings<'_>) -> Vec<Found> {
    let all = |catalog| lint::run(&Context::new(catalog, surroundings.clone()), |rule| rule.level != Level::Allow);
    let known: BTreeSet<(&str, String, String)> =
        all(&state.before).into_iter().map(|found| (found.rule.id(), found.finding.object.to_string(), found.finding.message)).collect();
    let is_new = |found: &Found| !known.contains(&(found.rule.id(), found.finding.object.to_string(), found.finding.message.clone()));
    all(&state.after).into_iter().filter(is_new).collect()
}

/// The policies with what they read, which no server lists by name, and the tables and views.
fn with_needs(catalog: &Catalog) -> Catalog {
    let mut policies = Catalog::default();
    for (_, entry) in catalog.iter() {
        let needs = match &entry.object {
            Object::Policy(policy) => policy.using.iter().chain(&policy.check).flat_map(|part| read(part.text(), catalog)).collect(),
            Object::Table(_) | Object::View(_) => BTreeSet::new(),
            _ => continue,
        };
        // An identity comes once.
        let _ = policies.insert(entry.object.clone(), needs);
    }
    policies
}

fn read(text: &str, catalog: &Catalog) -> Vec<Id> {
    let Ok(parsed) = expression::parse(text) else { return Vec::new() };
    let named = expression::references(&parsed).relations.iter().filter_map(|relation| relation.schema.as_ref().map(|schema| (schema, &relation.name)));
    let ids = named.flat_map(|(schema, name)| {
        let name = QualifiedName::new(schema.as_str(), name.as_str());
        [Id::of(Kind::Table, &name), Id::of(Kind::View, &name)]
    });
    ids.filter(|id| catalog.contains(id)).collect()
}
