//! What changes inside the types of arguments and results. PostgREST reads arguments from JSON and writes results as JSON: clients never see the
//! name of a type, and see the names and types of its attributes, however deep, and the values of its enums.
//!
//! What happens to JSON was tried on PostgreSQL 15 and 18: `json_to_record` leaves out keys that an argument's type does not have, puts NULL where
//! a key is missing, whatever a table's columns demand, and fails where that is of a domain that refuses NULL, which has no default here.

use rustc_hash::{FxHashMap, FxHashSet};

use super::change::Change;
use super::forms::{Form, Forms, Inner, Member, element, forms, refuses_null};
use super::typed::retyped;
use crate::catalog::{Catalog, Id, Kind, Object};
use crate::evolution::difference::normal;
use crate::evolution::{Difference, Rename};
use crate::kinds::domain::Domain;
use crate::sql::fragment::one_line;

/// A change, and the way to it from the type: `.address.zip`, `[].zip`, nothing.
pub struct Found {
    pub path: String,
    pub change: Change,
}

/// A change that is known inside a type.
struct Known<'c> {
    /// Its number: of several ways to it the first one is told.
    number: usize,
    /// The way within the type, and where it goes on: the type inside, and its place among what is known of that.
    step: String,
    next: Option<(&'c str, usize)>,
    /// Whether it is no way at all: the value itself changes.
    is_itself: bool,
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
    known: FxHashMap<&'c str, Vec<Known<'c>>>,
    /// All changes, by number.
    changes: Vec<Change>,
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
                let known = self.gather(name);
                self.known.insert(name, known);
            } else if self.seen.insert(name) {
                open.push((name, true));
                let inner = self.links(name).into_iter().filter_map(|link| Some(*self.before.get_key_value(link.name)?.0));
                open.extend(inner.map(|name| (name, false)));
            }
        }
        let prefix = if is_array { "[]" } else { "" };
        let known = self.known.get(name).into_iter().flatten();
        known.filter_map(|known| Some(Found { path: self.path(prefix, known), change: self.changes.get(known.number)?.clone() })).collect()
    }

    fn path(&self, prefix: &str, known: &Known<'c>) -> String {
        let mut path = format!("{prefix}{}", known.step);
        let mut next = known.next;
        while let Some(known) = next.and_then(|(name, place)| self.known.get(name)?.get(place)) {
            path.push_str(&known.step);
            next = known.next;
        }
        path
    }

    /// The changes of a type itself, then those of what is inside it.
    fn gather(&mut self, name: &'c str) -> Vec<Known<'c>> {
        let mut all = Vec::new();
        if self.differ.contains(name) {
            for (step, change) in self.own(name) {
                let is_itself = step.is_empty();
                all.push(Known { number: self.changes.len(), step, next: None, is_itself });
                self.changes.push(change);
            }
        }
        let mut told = FxHashSet::default();
        for link in self.links(name) {
            for (place, known) in self.known.get(link.name).into_iter().flatten().enumerate() {
                let is_itself = known.is_itself && link.path.is_empty();
                let is_hidden = known.is_itself && self.changes.get(known.number).is_some_and(|change| link.hides(change));
                if !is_hidden && told.insert(known.number) {
                    all.push(Known { number: known.number, step: link.path.clone(), next: Some((link.name, place)), is_itself });
                }
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
                retyped(&old.base, &new.base).into_iter().chain(nullable).chain(required).chain(checked(old, new)).map(itself).collect()
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
    fn hides(&self, change: &Change) -> bool {
        let decided = match change {
            Change::Nullable => self.refuses,
            Change::Required => self.refused,
            _ => false,
        };
        decided && !self.is_array
    }
}

/// The checks that a domain has besides those that it had. Where one of those is gone or another one, nobody knows whether one in its place refuses
/// more.
fn checked(old: &Domain, new: &Domain) -> Vec<Change> {
    let texts = |domain: &Domain| domain.checks.iter().map(|(_, check)| normal(check.text())).collect::<Vec<_>>();
    let (was, is) = (texts(old), texts(new));
    let keeps_all = was.iter().all(|check| is.contains(check));
    let may_replace = |name: &String| !keeps_all && old.checks.iter().any(|(known, _)| known == name);
    let more = new.checks.iter().zip(is).filter(|((name, _), check)| !was.contains(check) && !may_replace(name));
    more.map(|((_, check), _)| Change::Checked(one_line(check.text()))).collect()
}

/// The type that differs here in a way that can be seen.
fn differing(id: &Id, difference: &Difference<'_>, before: &Catalog) -> Option<String> {
    match difference {
        Difference::Changed { before: Object::Column(old), after: Object::Column(new) } => {
            (old.data_type != new.data_type || old.not_null && !new.not_null).then(|| new.table.to_string())
        }
        Difference::Changed { before: Object::Domain(old), after: Object::Domain(new) } => {
            (old.base != new.base || old.not_null != new.not_null || old.checks != new.checks).then(|| id.name().to_owned())
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::QualifiedName;
    use crate::evolution::differences;
    use crate::kinds::composite::Composite;

    fn catalog(types: &[(String, Vec<(&str, String)>)]) -> Catalog {
        let mut catalog = Catalog::default();
        for (name, attributes) in types {
            let attributes = attributes.iter().map(|(name, data_type)| ((*name).to_owned(), data_type.clone())).collect();
            let composite = Composite { name: QualifiedName::new("public", name.as_str()), attributes };
            catalog.insert(Object::Composite(composite), BTreeSet::new()).expect("a new name");
        }
        catalog
    }

    fn found(before: &[(String, Vec<(&str, String)>)], after: &[(String, Vec<(&str, String)>)], asked: &str) -> Vec<(String, Change)> {
        let (before, after) = (catalog(before), catalog(after));
        let differences = differences(&before, &after);
        let mut insides = Insides::new(&before, &after, &differences, &[], |id| id);
        insides.of(asked).into_iter().map(|found| (found.path, found.change)).collect()
    }

    #[test]
    fn of_many_ways_one_is_told_however_deep() {
        let deep = 20_000;
        let of = |lowest: &[&'static str]| {
            let lowest = ("t0".to_owned(), lowest.iter().map(|name| (*name, "text".to_owned())).collect());
            let above = (1..=deep).map(|level| {
                let below = format!("public.t{}", level - 1);
                (format!("t{level}"), vec![("l", below.clone()), ("r", format!("{below}[]"))])
            });
            [lowest].into_iter().chain(above).collect::<Vec<_>>()
        };
        let told = found(&of(&["a", "b"]), &of(&["b"]), &format!("public.t{deep}[]"));
        assert_eq!(told, [(format!("[]{}.a", ".l".repeat(deep)), Change::Gone)]);
    }

    #[test]
    fn types_that_hold_each_other_end() {
        let of = |more: &[&'static str]| {
            let attributes = [("other", "public.b".to_owned())].into_iter().chain(more.iter().map(|name| (*name, "text".to_owned())));
            vec![("a".to_owned(), attributes.collect()), ("b".to_owned(), vec![("back", "public.a[]".to_owned())])]
        };
        assert_eq!(found(&of(&["x"]), &of(&[]), "public.a"), [(".x".to_owned(), Change::Gone)]);
        assert!(found(&of(&["x"]), &of(&["x"]), "public.a").is_empty());
    }
}
