//! What changes inside the types of arguments and results. PostgREST reads arguments from JSON and writes results as JSON: clients never see the
//! name of a type, and see the names and types of its attributes, however deep, and the values of its enums.
//!
//! What happens to JSON was tried on PostgreSQL 15 and 18: `json_to_record` leaves out keys that an argument's type does not have, puts NULL where
//! a key is missing, whatever a table's columns demand, and fails where that is of a domain that refuses NULL, which has no default here.

use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};

use super::forms::{Form, Forms, Inner, Member, element, forms, refuses_null};
use super::typed::retyped;
use crate::catalog::{Catalog, Id, Kind, Object};
use crate::evolution::{Difference, Rename};

/// What changes at some place inside a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An attribute is not there any more.
    Gone,
    /// An attribute has another name.
    Renamed(String),
    /// It is of another type.
    Type { before: String, after: String },
    /// It is of the same type, and holds less.
    Narrower { before: String, after: String },
    /// It may be NULL, and could not be.
    Nullable,
    /// It has to be given: NULL is refused, and a missing key is NULL.
    Required,
    /// A value of an enum is not there any more.
    ValueGone(String),
    /// A value of an enum has another name.
    ValueRenamed { before: String, after: String },
}

/// Who sees a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Whoever sends an argument.
    Argument,
    /// Whoever reads a result.
    Result,
}

impl Change {
    /// Whether those on this side would notice. A result may hold less than it could, and values of enums that it could not: those who read it
    /// have to expect new ones.
    pub fn breaks(&self, side: Side) -> bool {
        match self {
            Change::Gone | Change::Renamed(_) | Change::Type { .. } | Change::ValueRenamed { .. } => true,
            Change::Narrower { .. } | Change::Required | Change::ValueGone(_) => side == Side::Argument,
            Change::Nullable => side == Side::Result,
        }
    }

    /// Says what a function does then, at a place in an argument or a result; the empty one is a result itself.
    pub fn tell(&self, side: Side, path: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
        match (self, side) {
            (Change::Gone, Side::Argument) => write!(formatter, "does not take `{path}` any more: what clients send there is ignored"),
            (Change::Gone, Side::Result) => write!(formatter, "does not return `{path}` any more"),
            (Change::Renamed(after), Side::Argument) => write!(formatter, "takes `{after}` where `{path}` was: what clients send there is ignored"),
            (Change::Renamed(after), Side::Result) => write!(formatter, "returns `{after}` where `{path}` was"),
            (Change::Type { before, after } | Change::Narrower { before, after }, Side::Argument) => {
                write!(formatter, "takes `{path}` as {after}, which was {before}")
            }
            (Change::Type { .. } | Change::Narrower { .. }, Side::Result) if path.is_empty() => write!(formatter, "returns something else"),
            (Change::Type { before, after } | Change::Narrower { before, after }, Side::Result) => {
                write!(formatter, "returns `{path}` as {after}, which was {before}")
            }
            (Change::Nullable, _) => write!(formatter, "can return NULL{place}, where it could not"),
            (Change::Required, _) => write!(formatter, "needs a value{place}, where none had to be"),
            (Change::ValueGone(value), _) => write!(formatter, "does not take `{value}`{place} any more"),
            (Change::ValueRenamed { before, after }, Side::Argument) => write!(formatter, "takes `{after}`{place} where it took `{before}`"),
            (Change::ValueRenamed { before, after }, Side::Result) => write!(formatter, "returns `{after}`{place} where it returned `{before}`"),
        }
    }
}

/// A change, and the way to it from the type: `.address.zip`, `[].zip`, nothing.
#[derive(Clone)]
pub struct Found {
    pub path: String,
    pub change: Change,
    /// Its number: of several ways to it the first one is told.
    number: usize,
}

/// Changes inside types, found for each type once, when it is asked for.
#[derive(Default)]
pub struct Insides<'c> {
    before: Forms<'c>,
    after: Forms<'c>,
    /// Types that differ.
    differ: FxHashSet<String>,
    /// New names of attributes and values by type, and the old ones.
    renamed: FxHashMap<String, FxHashMap<&'c str, &'c str>>,
    seen: FxHashSet<&'c str>,
    known: FxHashMap<&'c str, Vec<Found>>,
    numbers: usize,
}

impl<'c> Insides<'c> {
    /// `before` has its new names; `ids` are the old identities with the new ones. Looks at nothing where no type differs.
    pub fn new(
        before: &'c Catalog,
        after: &'c Catalog,
        found: &[(&Id, Difference<'_>)],
        renames: &'c [Rename],
        new_id: impl Fn(Id) -> Id,
    ) -> Insides<'c> {
        let mut insides = Insides::default();
        for rename in renames {
            let (kind, of, from, to) = match rename {
                Rename::Column { table, from, to } => (Kind::Table, table, from, to),
                Rename::Member { kind, of, from, to } => (*kind, of, from, to),
                Rename::Value { name, from, to } => (Kind::Enum, name, from, to),
                Rename::Schema { .. } | Rename::Relation { .. } | Rename::Function { .. } => continue,
            };
            let name = new_id(Id::of(kind, of)).name().to_owned();
            insides.renamed.entry(name.clone()).or_default().insert(to.as_str(), from.as_str());
            insides.differ.insert(name);
        }
        insides.differ.extend(found.iter().filter_map(|(id, difference)| differing(id, difference, before)));
        if !insides.differ.is_empty() {
            (insides.before, insides.after) = (forms(before), forms(after));
        }
        insides
    }

    /// Whether no type differs.
    pub fn is_empty(&self) -> bool {
        self.differ.is_empty()
    }

    /// The changes inside a data type, with the ways to them.
    pub fn of(&mut self, data_type: &str) -> Vec<Found> {
        let (name, is_array) = element(data_type);
        let Some((name, _)) = self.before.get_key_value(name) else { return Vec::new() };
        let name = *name;
        let mut open = vec![(name, false)];
        while let Some((name, is_open)) = open.pop() {
            if is_open {
                let found = self.gather(name);
                self.known.insert(name, found);
            } else if self.seen.insert(name) {
                open.push((name, true));
                let inner = self.links(name).into_iter().filter_map(|link| Some(*self.before.get_key_value(link.name)?.0));
                open.extend(inner.map(|name| (name, false)));
            }
        }
        let prefix = if is_array { "[]" } else { "" };
        let found = self.known.get(name).into_iter().flatten();
        found.map(|found| Found { path: format!("{prefix}{}", found.path), ..found.clone() }).collect()
    }

    /// The changes of a type itself, then those of what is inside it.
    fn gather(&mut self, name: &'c str) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        if self.differ.contains(name) {
            for (path, change) in self.own(name) {
                self.numbers += 1;
                all.push(Found { path, change, number: self.numbers });
            }
        }
        let mut told = FxHashSet::default();
        for link in self.links(name) {
            for found in self.known.get(link.name).into_iter().flatten() {
                if link.hides(found) || !told.insert(found.number) {
                    continue;
                }
                all.push(Found { path: format!("{}{}", link.path, found.path), ..found.clone() });
            }
        }
        all
    }

    fn own(&self, name: &'c str) -> Vec<(String, Change)> {
        let (Some(before), Some(after)) = (self.before.get(name), self.after.get(name)) else { return Vec::new() };
        let itself = |change| (String::new(), change);
        match (&before.inner, &after.inner) {
            (Inner::Values(old), Inner::Values(new)) => {
                let new: FxHashSet<&String> = new.iter().collect();
                let change = |value: &String| match self.old_name(name, value) {
                    Some(before) => Some(Change::ValueRenamed { before: before.to_owned(), after: value.clone() }),
                    None => (!new.contains(value)).then(|| Change::ValueGone(value.clone())),
                };
                old.iter().filter_map(change).map(itself).collect()
            }
            (Inner::Domain(old), Inner::Domain(new)) => {
                let refused = refuses_null(name, &self.before);
                let refuses = refuses_null(name, &self.after);
                let nullable = (old.not_null && !refuses).then_some(Change::Nullable);
                let required = (new.not_null && !refused).then_some(Change::Required);
                retyped(&old.base, &new.base).into_iter().chain(nullable).chain(required).map(itself).collect()
            }
            (Inner::Members(old), Inner::Members(new)) => self.members(name, old, new),
            _ => {
                let told = |form: &Form<'_>| format!("{} {name}", form.kind.word());
                vec![itself(Change::Type { before: told(before), after: told(after) })]
            }
        }
    }

    fn members(&self, name: &str, old: &[Member<'c>], new: &[Member<'c>]) -> Vec<(String, Change)> {
        let mut changes = Vec::new();
        let now: FxHashMap<&str, &Member<'_>> = new.iter().map(|member| (member.name, member)).collect();
        for member in old {
            let renamed = self.old_name(name, member.name);
            let path = format!(".{}", renamed.unwrap_or(member.name));
            let Some(now) = now.get(member.name) else {
                changes.push((path, Change::Gone));
                continue;
            };
            let renamed = renamed.map(|_| Change::Renamed(member.name.to_owned()));
            let nullable = (member.not_null && !now.not_null && !refuses_null(now.data_type, &self.after)).then_some(Change::Nullable);
            let change = renamed.into_iter().chain(retyped(member.data_type, now.data_type)).chain(nullable);
            changes.extend(change.map(|change| (path.clone(), change)));
        }
        let known: FxHashSet<&str> = old.iter().map(|member| member.name).collect();
        let added = new.iter().filter(|member| !known.contains(member.name) && refuses_null(member.data_type, &self.after));
        changes.extend(added.map(|member| (format!(".{}", member.name), Change::Required)));
        changes
    }

    /// What a member or value of a type was called, where it has another name now.
    fn old_name(&self, name: &str, member: &str) -> Option<&'c str> {
        self.renamed.get(name)?.get(member).copied()
    }

    /// What stays inside a type, and is of a type of the Catalog.
    fn links(&self, name: &str) -> Vec<Link<'c>> {
        let (Some(before), Some(after)) = (self.before.get(name), self.after.get(name)) else { return Vec::new() };
        match (&before.inner, &after.inner) {
            (Inner::Domain(old), Inner::Domain(new)) if old.base == new.base => {
                let link = Link::new(String::new(), &old.base);
                // What it does itself is told of it.
                let refused = new.not_null || refuses_null(name, &self.before);
                let refuses = old.not_null || refuses_null(name, &self.after);
                vec![Link { refused, refuses, ..link }]
            }
            (Inner::Members(old), Inner::Members(new)) => {
                let now: FxHashMap<&str, &Member<'_>> =
                    if self.differ.contains(name) { new.iter().map(|member| (member.name, member)).collect() } else { FxHashMap::default() };
                let link = |member: &Member<'c>| {
                    let now = if now.is_empty() { member } else { now.get(member.name)? };
                    let path = format!(".{}", self.old_name(name, member.name).unwrap_or(member.name));
                    let link = Link { refuses: now.not_null, ..Link::new(path, member.data_type) };
                    (now.data_type == member.data_type && self.before.contains_key(link.name)).then_some(link)
                };
                old.iter().filter_map(link).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What is inside a type: its path from there, and its own type.
struct Link<'c> {
    path: String,
    name: &'c str,
    is_array: bool,
    /// Whether NULL is refused there before and after, whatever the type inside does.
    refused: bool,
    refuses: bool,
}

impl<'c> Link<'c> {
    fn new(path: String, data_type: &'c str) -> Link<'c> {
        let (name, is_array) = element(data_type);
        Link { path: if is_array { format!("{path}[]") } else { path }, name, is_array, refused: false, refuses: false }
    }

    /// Whether what holds a value decides on NULL, and not the value's own type.
    fn hides(&self, found: &Found) -> bool {
        let decided = match found.change {
            Change::Nullable => self.refuses,
            Change::Required => self.refused,
            _ => false,
        };
        decided && found.path.is_empty() && !self.is_array
    }
}

/// The type that differs here in a way that can be seen.
fn differing(id: &Id, difference: &Difference<'_>, before: &Catalog) -> Option<String> {
    match difference {
        Difference::Changed { before: Object::Column(old), after: Object::Column(new) } => {
            (old.data_type != new.data_type || old.not_null && !new.not_null).then(|| new.table.to_string())
        }
        Difference::Changed { before: Object::Domain(old), after: Object::Domain(new) } => {
            (old.base != new.base || old.not_null != new.not_null).then(|| id.name().to_owned())
        }
        Difference::Changed { before: Object::View(old), after: Object::View(new) } => (old.columns != new.columns).then(|| id.name().to_owned()),
        Difference::Changed { .. } => matches!(id.kind(), Kind::Enum | Kind::Composite).then(|| id.name().to_owned()),
        Difference::Removed(Object::Column(column)) => Some(column.table.to_string()),
        // One that a missing value is refused in, by its domain.
        Difference::Added(Object::Column(column)) => {
            (column.data_type.contains('.') && before.contains(&Id::of(Kind::Table, &column.table))).then(|| column.table.to_string())
        }
        // Another kind of type can have its name then.
        Difference::Removed(_) => {
            matches!(id.kind(), Kind::Enum | Kind::Domain | Kind::Composite | Kind::Table | Kind::View).then(|| id.name().to_owned())
        }
        Difference::Added(_) => None,
    }
}
