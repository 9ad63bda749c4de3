//! Everything that is said of scripts: the rules, policies without end, and the bodies of functions.

use std::collections::{BTreeMap, BTreeSet};

use super::bodies::{self, Routine};
use super::{Project, origins, waivers};
use crate::access;
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::diagnostic::{self, Diagnostic, Label, Voice, counted};
use crate::kinds::lint::Level;
use crate::kinds::role::Owner;
use crate::lint::database::Database;
use crate::lint::{self, Context, Found, Subject, Surroundings};
use crate::operations::Lint;
use crate::resolve::policy_recursion;
use crate::source::{At, Span};
use crate::sql::expression;

/// What a server held after it ran the scripts.
#[derive(Debug)]
pub struct State {
    /// What was there before, which is the platform's.
    pub before: Catalog,
    pub after: Catalog,
    /// The same two of what the Catalog has no word for.
    pub database: [Database; 2],
    /// Every function.
    pub routines: Vec<Routine>,
    /// The name of every type.
    pub types: BTreeSet<String>,
    /// What is said of a finding that is made in this state alone.
    pub only: String,
}

/// How grave the findings of a rule are where they are graver, or matter, in a spec alone: there they contradict what the compiler promises,
/// here they are what PostgreSQL and Supabase do by themselves, and what a body or condition then lets happen is told by other findings.
const LEVELS: &[(&str, Level)] = &[
    // PostgreSQL's default for every function.
    ("public-execute", Level::Warn),
    // Supabase's default for every table; its API has no TRUNCATE.
    ("truncate-granted", Level::Warn),
    // What CREATE POLICY does without TO; whether the condition lets callers through who are not signed in is decided by others.
    ("policy-to-public", Level::Warn),
    // `set search_path = ''` is what Supabase advises.
    ("search-path-temporary-first", Level::Warn),
    // Conventions of specs.
    ("api-no-version-suffix", Level::Allow),
    ("api-version-gap", Level::Allow),
];

/// Rules whose findings mostly come from what Supabase grants on every new object. Where nobody wrote the grant, they are told once.
const FOLDED: &[&str] = &["TL0103", "TL0105", "TL0106", "TL0118"];

/// How many places of folded findings are shown.
const SHOWN_AT_MOST: usize = 8;

/// All findings of the scripts, in one or several states of the platform.
pub fn lint(project: &Project, states: &[State]) -> Vec<Diagnostic> {
    let found: Vec<Vec<Diagnostic>> = states.iter().map(|state| of_state(project, state)).collect();
    let mut merged: Vec<Diagnostic> = Vec::new();
    let messages: Vec<BTreeSet<Key<'_>>> =
        found.iter().map(|all| all.iter().map(|known| (known.code.id, place(known), known.message.as_str())).collect()).collect();
    // Where each state has one finding of a rule at a place, they are the same: the roles that its message names may differ.
    let counts: Vec<BTreeMap<(&str, Option<Span>), usize>> = found.iter().map(|all| counts(all)).collect();
    for (number, (state, diagnostics)) in states.iter().zip(&found).enumerate() {
        for diagnostic in diagnostics {
            let here = (diagnostic.code.id, place(diagnostic));
            let key = (here.0, here.1, diagnostic.message.as_str());
            let is_one = here.1.is_some() && counts.iter().all(|counts| counts.get(&here) == Some(&1));
            if number > 0 && is_one || messages.iter().take(number).any(|known| known.contains(&key)) {
                continue;
            }
            let everywhere = is_one || messages.iter().all(|known| known.contains(&key));
            merged.push(if everywhere { diagnostic.clone() } else { diagnostic.clone().help(state.only.as_str()) });
        }
    }
    let mut diagnostics = waivers::apply(project, merged);
    diagnostic::sort(&mut diagnostics);
    folded(project, diagnostics)
}

/// What tells a finding from others: its rule, its place and its message.
type Key<'d> = (&'d str, Option<Span>, &'d str);

fn place(diagnostic: &Diagnostic) -> Option<Span> {
    diagnostic.labels.first().map(|label| label.span)
}

/// How many findings of each rule there are at each place.
fn counts(diagnostics: &[Diagnostic]) -> BTreeMap<(&str, Option<Span>), usize> {
    let mut counts = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry((diagnostic.code.id, place(diagnostic))).or_default() += 1;
    }
    counts
}

/// Puts findings of one rule together that come from grants which nobody wrote.
fn folded(project: &Project, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    let mut more: BTreeMap<&str, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        let place = place(&diagnostic);
        let statement = place.and_then(|place| project.statement_at(place)).map_or("", |statement| project.text(statement));
        let is_written = statement.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case("grant"));
        if is_written || !FOLDED.contains(&diagnostic.code.id) {
            kept.push(diagnostic);
            continue;
        }
        let Some(count) = more.get_mut(diagnostic.code.id) else {
            more.insert(diagnostic.code.id, 0);
            kept.push(diagnostic);
            continue;
        };
        *count += 1;
        // Behind those of the statements that say it themselves.
        let first = kept.iter_mut().rfind(|known| known.code == diagnostic.code);
        if let (Some(first), Some(place)) = (first, place)
            && first.labels.len() < SHOWN_AT_MOST
            && first.labels.iter().all(|label| label.span != place)
        {
            first.labels.push(Label { span: place, text: "here, too".to_owned() });
        }
    }
    for diagnostic in &mut kept {
        if let Some(count) = more.remove(diagnostic.code.id).filter(|count| *count > 0) {
            diagnostic.help.push(format!(
                "{} more of this kind, since Supabase grants new objects to its roles by itself: `alter default privileges in schema public revoke all \
                 on tables from anon, authenticated`, and the same for sequences, in front of the first table ends that",
                counted(count, "finding")
            ));
        }
    }
    kept
}

fn of_state(project: &Project, state: &State) -> Vec<Diagnostic> {
    let mut made = origins::trace(project, &state.before, &state.after);
    let settings = settings(project);
    let surroundings = Surroundings::supabase();
    let found = findings(state, &surroundings);
    let others = found.iter().map(|found| &found.finding.object).filter(|id| state.after.get(id).is_none());
    origins::trace_others(project, others, &mut made);
    let subject = Subject { settings: &settings, catalog: &state.after, origins: &made.origins, surroundings, voice: Voice::Sql, sources: None };
    let mut diagnostics = lint::told(found, &subject);
    let mut endless = Vec::new();
    policy_recursion::check(&with_needs(&state.after), &made.origins, &mut endless);
    let help = "let one of them ask a SECURITY DEFINER function: it runs as its owner, whom no policy restricts";
    diagnostics.extend(endless.into_iter().map(|diagnostic| Diagnostic { help: vec![help.to_owned()], ..diagnostic }));
    let access = access::access(&state.after, &Owner { bypasses_row_security: true, ..Owner::default() });
    diagnostics.extend(bodies::check(state, &made, &access, &project.sources));
    diagnostics
}

fn level(rule: &lint::Rule) -> Level {
    LEVELS.iter().find(|(name, _)| *name == rule.name()).map_or(rule.level, |(_, level)| *level)
}

/// The levels, as `[lint]` of a spec would say them.
fn settings(project: &Project) -> Lint {
    let Some((file, _)) = project.sources.iter().next() else { return Lint::default() };
    let said = |(name, level): &(&str, Level)| (At::new((*name).to_owned(), Span::new(file, 0..0)), *level);
    Lint { levels: LEVELS.iter().map(said).collect(), waivers: Vec::new() }
}

/// What the rules find and would not find in the platform alone.
fn findings(state: &State, surroundings: &Surroundings<'_>) -> Vec<Found> {
    let [before, after] = &state.database;
    let all = |catalog, database| {
        let surroundings = Surroundings { database: Some(database), ..surroundings.clone() };
        lint::run(&Context::new(catalog, surroundings), |rule| level(rule) != Level::Allow)
    };
    let known: BTreeSet<(&str, String, String)> =
        all(&state.before, before).into_iter().map(|found| (found.rule.id(), found.finding.object.to_string(), found.finding.message)).collect();
    let is_new = |found: &Found| !known.contains(&(found.rule.id(), found.finding.object.to_string(), found.finding.message.clone()));
    // The functions that PostgreSQL makes with a range type are nobody's to mend.
    let is_made_along =
        |found: &Found| matches!(state.after.get(&found.finding.object), Some(Object::Function(function)) if function.language == "internal");
    all(&state.after, after).into_iter().filter(|found| is_new(found) && !is_made_along(found)).collect()
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
    let named =
        expression::references(&parsed).relations.iter().filter_map(|relation| relation.schema.as_ref().map(|schema| (schema, &relation.name)));
    let ids = named.flat_map(|(schema, name)| {
        let name = QualifiedName::new(schema.as_str(), name.as_str());
        [Id::of(Kind::Table, &name), Id::of(Kind::View, &name)]
    });
    ids.filter(|id| catalog.contains(id)).collect()
}
