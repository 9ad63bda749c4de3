//! Bodies of functions that others wrote: writes that nobody asserts, and names that mean nothing.
//!
//! There is no contract here, so what somebody may call is taken from the access model; and the caller's own rows need no assertion, since
//! `delete from auth.users where id = auth.uid()` is how such functions are written. A function with the caller's rights is left to the
//! policies.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::lint::State;
use super::origins::Made;
use crate::access::{Access, Action, Principal};
use crate::catalog::{Id, Kind, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, Severity, Voice};
use crate::kinds::function::{Function, Returns, Security};
use crate::plpgsql::names::{Declared, What, look_up};
use crate::plpgsql::{Demand, Language, Subject};
use crate::resolve::bodies::{Given, judge};
use crate::resolve::body_names;
use crate::resolve::identities::identities;
use crate::source::{Sources, Span};

/// A function as the server lists it, the platform's and those of extensions among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routine {
    pub schema: String,
    pub name: String,
    /// The names of all arguments, those for results among them.
    pub arguments: Vec<String>,
    /// How many arguments it takes; without a maximum where the last is a list.
    pub minimum: usize,
    pub maximum: Option<usize>,
    /// It belongs to the platform or an extension.
    pub is_foreign: bool,
    pub is_volatile: bool,
}

/// What is found in the bodies of functions that were not there before.
pub fn check(state: &State, made: &Made, access: &Access, sources: &Sources) -> Vec<Diagnostic> {
    let functions: Vec<(&Id, &Function)> = functions(state).collect();
    let given: Vec<Given<'_>> = functions
        .iter()
        .map(|(id, function)| Given {
            id,
            function,
            written: made.bodies.get(*id).map(|text| (text, (0, 0))),
            place: made.origins.get(*id).map(|origin| origin.span),
            is_assertion: false,
            is_called: function.security == Security::Definer && !returns_trigger(function) && !callers(id, access).is_empty(),
            is_exposed: !returns_trigger(function) && !callers(id, access).is_empty(),
            is_context: false,
        })
        .collect();
    let strangers: Vec<Subject<'_>> = state.routines.iter().filter(|routine| routine.is_foreign && !routine.is_volatile).map(harmless).collect();
    let mut identities = identities(&state.after, None);
    identities.trust("service_role");
    let mut diagnostics = names(&functions, state, made, sources);
    let unknown: BTreeSet<Span> = diagnostics.iter().filter_map(|diagnostic| diagnostic.labels.first()).map(|label| label.span).collect();
    for (given, found) in given.iter().zip(judge(&given, &strangers, &identities, Demand::AssertionOrOwnRows, Voice::Sql, sources)) {
        // A call of what does not exist is told as that.
        let told = found.into_iter().filter(|finding| finding.labels.first().is_none_or(|label| !unknown.contains(&label.span)));
        let told = told.filter(|_| given.is_called).take(TOLD_AT_MOST);
        // Who has to be signed in and can only add rows does less harm.
        let is_open = callers(given.id, access).contains("anon");
        diagnostics.extend(told.map(|diagnostic| {
            match diagnostic.message.ends_with("reaches `insert` without an assertion of who calls") && !is_open {
                true => Diagnostic { severity: Severity::Warning, ..diagnostic },
                false => diagnostic,
            }
        }));
    }
    diagnostics
}

/// How many findings of one function are told: the others mostly have the same cause.
const TOLD_AT_MOST: usize = 3;

/// The roles of clients that may call a function.
fn callers<'a>(id: &Id, access: &'a Access) -> BTreeSet<&'a str> {
    let clients = access.principals.iter().filter_map(|known| match &known.principal {
        Principal::Role(name) if ["anon", "authenticated"].contains(&name.as_str()) => Some((name.as_str(), known)),
        _ => None,
    });
    clients.filter(|(_, known)| known.right(id, Action::Execute).is_some_and(|right| !right.out_of_reach)).map(|(name, _)| name).collect()
}

fn functions(state: &State) -> impl Iterator<Item = (&Id, &Function)> {
    let new = state.after.iter().filter(|(id, entry)| state.before.get(id) != Some(&entry.object));
    new.filter_map(|(id, entry)| match &entry.object {
        Object::Function(function) if ["sql", "plpgsql"].contains(&function.language.as_str()) => Some((id, function)),
        _ => None,
    })
}

/// Nobody calls a function of a trigger.
fn returns_trigger(function: &Function) -> bool {
    matches!(&function.returns, Returns::Type(ty) if ty == "trigger" || ty == "event_trigger")
}

/// A function of which it is known that it changes nothing.
fn harmless(routine: &Routine) -> Subject<'_> {
    Subject {
        schema: &routine.schema,
        name: &routine.name,
        arguments: Vec::new(),
        given: 0,
        language: Language::Sql,
        text: "select 1",
        is_assertion: false,
        is_strict: false,
        returns_boolean: false,
        is_exposed: false,
        is_context: false,
    }
}

/// What the server knows.
struct Known<'s> {
    state: &'s State,
    routines: FxHashMap<(&'s str, &'s str), Vec<&'s Routine>>,
    columns: BTreeMap<QualifiedName, Vec<(u32, String)>>,
}

impl Declared for Known<'_> {
    fn columns(&self, schema: &str, relation: &str) -> Option<Vec<String>> {
        let name = QualifiedName::new(schema, relation);
        let ours = |kind| Id::of(kind, &name);
        // The platform's own tables have more columns than the emulation.
        if self.state.before.contains(&ours(Kind::Table)) || self.state.before.contains(&ours(Kind::View)) {
            return None;
        }
        if let Some(Object::View(view)) = self.state.after.get(&ours(Kind::View)) {
            return Some(view.columns.iter().map(|(name, _)| name.clone()).collect());
        }
        self.columns.get(&name).map(|columns| columns.iter().map(|(_, name)| name.clone()).collect())
    }

    fn accepts(&self, schema: &str, function: &str, arguments: usize) -> Option<bool> {
        let routines = self.routines.get(&(schema, function))?;
        let takes = |routine: &&Routine| routine.minimum <= arguments && routine.maximum.is_none_or(|maximum| arguments <= maximum);
        Some(routines.iter().any(takes))
    }

    fn arguments(&self, schema: &str, function: &str) -> Option<Vec<String>> {
        let routines = self.routines.get(&(schema, function))?;
        Some(routines.iter().flat_map(|routine| routine.arguments.iter().cloned()).collect())
    }
}

/// Names that mean nothing. A bare name may be found along a search path that nobody knows here, so those of anything that exists are passed.
fn names(functions: &[(&Id, &Function)], state: &State, made: &Made, sources: &Sources) -> Vec<Diagnostic> {
    let mut known = Known { state, routines: FxHashMap::default(), columns: BTreeMap::new() };
    for routine in &state.routines {
        known.routines.entry((&routine.schema, &routine.name)).or_default().push(routine);
    }
    for object in state.after.objects() {
        if let Object::Column(column) = object {
            known.columns.entry(column.table.clone()).or_default().push((column.position, column.name.clone()));
        }
    }
    let bare: BTreeSet<&str> = state.routines.iter().map(|routine| routine.name.as_str()).collect();
    let places = |name: &QualifiedName| {
        let ids = [Id::of(Kind::Table, name), Id::of(Kind::View, name)];
        ids.iter().find_map(|id| made.origins.get(id)).map(|origin| origin.span)
    };
    let mut diagnostics = Vec::new();
    for (id, function) in functions {
        let Some(text) = made.bodies.get(*id) else { continue };
        let mut arguments = function.parameter_names();
        let overloads = known.routines.get(&(&*function.name.schema, &*function.name.name)).into_iter().flatten();
        arguments.extend(overloads.flat_map(|routine| routine.arguments.iter().map(String::as_str)));
        for unknown in look_up(&text.value, Language::of(&function.language), &arguments, &known).unknown {
            let exists = match &unknown.what {
                What::Function => bare.contains(unknown.name.as_str()),
                What::Type => state.types.contains(&unknown.name),
                _ => false,
            };
            if !exists {
                let span = sources.inside(text, unknown.bytes.clone());
                diagnostics.push(body_names::told(&places, unknown, span, span == text.span));
            }
        }
    }
    diagnostics
}
