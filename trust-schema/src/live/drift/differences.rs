//! What is missing, what is there besides, and what is otherwise.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::expected::Expected;
use super::remedy::Remedies;
use super::{Drift, Held, Subject, What, unmodelled};
use crate::catalog::{Catalog, Id, Object, QualifiedName};
use crate::kinds::Kind;
use crate::live::compare::{Difference, Expressions, compare};
use crate::live::snapshot::Line;

/// Finds all, in the order of objects.
pub fn find(expected: &Expected, live: &Held, subject: &Subject<'_>) -> Vec<Drift> {
    let remedies = Remedies::new(subject, &expected.catalog, &live.catalog);
    let ours = Ours::new(expected);
    let mut drifts = Vec::new();
    for difference in compare(&expected.catalog, &live.catalog, Expressions::Compared) {
        let id = difference.object().clone();
        match difference {
            Difference::Missing { .. } if expected.own.contains(&id) => drifts.push(remedies.removed(&id, &live.catalog)),
            Difference::Changed { attribute, expected: should, actual, .. } if expected.own.contains(&id) => {
                drifts.push(remedies.changed(&id, expected.catalog.get(&id), attribute, should, actual));
            }
            Difference::Extra { .. } => {
                let Some(object) = live.catalog.get(&id) else { continue };
                // Whoever calls a function of ours may get another one of its name: that is told, whoever may have objects beside ours.
                let is_overload = matches!(object, Object::Function(function) if ours.functions.contains(&function.name));
                let of_others = additional(&id, expected, live, &ours, subject).or(is_overload.then_some(true));
                drifts.extend(of_others.map(|of_others| remedies.added(&id, object, of_others)));
            }
            Difference::Missing { .. } | Difference::Changed { .. } => {}
        }
    }
    let others: BTreeSet<&str> = drifts.iter().filter(|drift| drift.what == What::Added).map(|drift| drift.object.as_str()).collect();
    let lines = lines(expected, live, &ours.spaces, &others);
    drifts.extend(lines);
    drifts.extend(owners(expected, live, &subject.resolution.project.api_roles));
    // In the order in which they can be mended: what is too much goes first, last made first; then what is needed, first made first.
    drifts.sort_by_cached_key(|drift| {
        let sign = if drift.what == What::Added { -1 } else { 1 };
        let (first, then) = rank(drift);
        (sign * first, sign * then, drift.object.clone(), drift.attribute.clone())
    });
    // What mends one attribute of an object in the same words as another mends both.
    let mut before: Option<(String, Vec<String>)> = None;
    for drift in drifts.iter_mut().filter(|drift| drift.what == What::Changed) {
        match &before {
            Some((object, mend)) if *object == drift.object && *mend == drift.mend => drift.mend.clear(),
            _ => before = Some((drift.object.clone(), drift.mend.clone())),
        }
    }
    drifts
}

/// The place in the order of creation: by kinds; what the Catalog has no word for stands on what it has words for, objects before what is said of
/// some.
fn rank(drift: &Drift) -> (i64, i64) {
    const OBJECTS: [&str; 8] =
        ["materialized view ", "foreign table ", "aggregate ", "procedure ", "window function ", "type ", "statistics ", "inheritance "];
    if drift.unmodelled {
        return (i64::MAX, i64::from(!OBJECTS.iter().any(|class| drift.object.starts_with(class))));
    }
    let of = |kind: &&Kind| drift.object.strip_prefix(kind.word()).is_some_and(|rest| rest.starts_with(' '));
    let place = Kind::ALL.iter().rposition(|kind| of(&kind)).and_then(|place| i64::try_from(place + 1).ok());
    (place.unwrap_or(i64::MAX), 0)
}

/// Where objects of ours lie.
struct Ours<'e> {
    /// Schemas with objects of ours, and whether they are ours altogether.
    spaces: BTreeMap<String, bool>,
    functions: BTreeSet<&'e QualifiedName>,
}

impl Ours<'_> {
    fn new(expected: &Expected) -> Ours<'_> {
        let mut ours = Ours { spaces: BTreeMap::new(), functions: BTreeSet::new() };
        for id in &expected.own {
            match id.kind() {
                Kind::Schema => drop(ours.spaces.insert(id.name().to_owned(), true)),
                Kind::Table | Kind::View | Kind::Function | Kind::Enum | Kind::Domain | Kind::Composite | Kind::Sequence => {
                    ours.spaces.entry(first_part(id.name()).to_owned()).or_insert(false);
                }
                _ => {}
            }
            if let Some(Object::Function(function)) = expected.catalog.get(id) {
                ours.functions.insert(&function.name);
            }
        }
        ours
    }
}

/// The schema of a qualified name, as it is written.
fn first_part(name: &str) -> &str {
    let end = match name.strip_prefix('"') {
        // A quote inside is written twice, and so opens and closes again.
        Some(_) => {
            name.match_indices('.').map(|(place, _)| place).find(|place| name.get(..*place).is_some_and(|part| part.matches('"').count() % 2 == 0))
        }
        None => name.find('.'),
    };
    end.and_then(|end| name.get(..end)).unwrap_or(name)
}

/// Live objects that are there besides, in what is ours.
pub fn additional_ids(expected: &Expected, live: &Held, subject: &Subject<'_>) -> BTreeSet<Id> {
    let ours = Ours::new(expected);
    let extra = live.catalog.iter().map(|(id, _)| id).filter(|id| !expected.catalog.contains(id));
    extra.filter(|id| additional(id, expected, live, &ours, subject) == Some(false)).cloned().collect()
}

/// Whether a live object that nobody expects is told of; and then, whether it is one of others beside ours.
fn additional(id: &Id, expected: &Expected, live: &Held, ours: &Ours<'_>, subject: &Subject<'_>) -> Option<bool> {
    let object = live.catalog.get(id)?;
    if in_history(id.name()) {
        return None;
    }
    let chain = chain(object, &live.catalog);
    // A part of something that is additional itself is told with it.
    let is_additional = |parent: &Id| parent.kind() != Kind::Schema && live.catalog.contains(parent) && !expected.catalog.contains(parent);
    if chain.iter().any(is_additional) {
        return None;
    }
    // What hangs on a schema is about the schema; other things merely lie in it.
    let hangs = matches!(id.kind(), Kind::Grant | Kind::Comment);
    let is_ours = |parent: &Id| match (parent.kind(), live.catalog.contains(parent)) {
        (Kind::Schema, _) => hangs && chain.first() == Some(parent) && expected.own.contains(parent),
        // The sequence of an identity column is no object of its own.
        (_, false) => ours.spaces.contains_key(first_part(parent.name())),
        _ => expected.own.contains(parent),
    };
    if chain.iter().any(is_ours) {
        return Some(false);
    }
    let top = chain.last().filter(|parent| parent.kind() != Kind::Schema).unwrap_or(id);
    // An object of the platform that has got something: only where it is ours.
    if top != id {
        return None;
    }
    let space = if id.kind() == Kind::Schema { id.name() } else { first_part(id.name()) };
    let altogether = *ours.spaces.get(space)?;
    (altogether || !subject.with_others).then_some(!altogether)
}

/// What an object is a part of, from near to far.
fn chain(object: &Object, catalog: &Catalog) -> Vec<Id> {
    let mut chain: Vec<Id> = Vec::new();
    let mut next = object.parents().into_iter().next();
    while let Some(id) = next {
        next = catalog.get(&id).and_then(|object| object.parents().into_iter().next()).filter(|parent| !chain.contains(parent));
        chain.push(id);
    }
    chain
}

fn in_history(name: &str) -> bool {
    name.contains("supabase_migrations")
}

/// Differences of what the Catalog has no word for.
fn lines(expected: &Expected, live: &Held, spaces: &BTreeMap<String, bool>, others: &BTreeSet<&str>) -> Vec<Drift> {
    let plain = |line: &&Line| line.class != "owner";
    let drift = |what: What, line: &Line| Drift {
        what,
        object: format!("{} {}", line.class, line.name),
        attribute: None,
        expected: (what == What::Removed).then(|| Value::from(line.detail.clone())),
        actual: (what == What::Added).then(|| Value::from(line.detail.clone())),
        place: None,
        mend: unmodelled::mend(what, line),
        adopt: "the spec has no word for it: write it as a `raw` block".to_owned(),
        of_others: false,
        unmodelled: true,
    };
    let gone = expected.lines.difference(&live.lines).filter(plain).map(|line| drift(What::Removed, line));
    let ours = |line: &&Line| {
        let told = others
            .iter()
            .any(|object| object.split_once(' ').is_some_and(|(_, name)| line.name == name || line.name.starts_with(&format!("{name}."))));
        spaces.contains_key(first_part(&line.name)) && !told && !in_history(&line.name)
    };
    // In a schema that is shared, only what is about a relation of ours.
    let about_ours = |line: &&Line| {
        spaces.get(first_part(&line.name)) == Some(&true)
            || expected.own.iter().any(|id| {
                matches!(id.kind(), Kind::Table | Kind::View | Kind::Function | Kind::Index | Kind::Sequence) && belongs(&line.name, id.name())
            })
            || ["materialized view", "foreign table", "aggregate", "procedure", "window function", "statistics", "type"]
                .contains(&line.class.as_str())
    };
    let new = live.lines.difference(&expected.all_lines).filter(plain).filter(ours).filter(about_ours).map(|line| drift(What::Added, line));
    gone.chain(new).collect()
}

fn belongs(name: &str, to: &str) -> bool {
    let bare = |text: &str| text.replace(' ', "");
    let (name, to) = (bare(name), bare(to));
    name == to || name.strip_prefix(&to).is_some_and(|rest| rest.starts_with('.'))
}

/// Objects of another owner than most of ours have. A role of clients owns none, however many of them are its own.
fn owners(expected: &Expected, live: &Held, clients: &[String]) -> Vec<Drift> {
    let of_ours: BTreeSet<&str> = expected.lines.iter().filter(|line| line.class == "owner").map(|line| line.name.as_str()).collect();
    let there: Vec<&Line> = live.lines.iter().filter(|line| line.class == "owner" && of_ours.contains(line.name.as_str())).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in there.iter().filter(|line| !clients.contains(&line.detail)) {
        *counts.entry(line.detail.as_str()).or_default() += 1;
    }
    let usual = counts.into_iter().max_by_key(|(_, count)| *count).map(|(role, _)| role);
    let odd = there.into_iter().filter(|line| Some(line.detail.as_str()) != usual);
    odd.map(|line| {
        let (kind, name) = line.name.split_once(' ').unwrap_or(("relation", line.name.as_str()));
        let kind = if kind == "relation" { "TABLE".to_owned() } else { kind.to_uppercase() };
        Drift {
            what: What::Changed,
            object: line.name.clone(),
            attribute: Some("owner".to_owned()),
            expected: usual.map(Into::into),
            actual: Some(line.detail.clone().into()),
            place: None,
            mend: usual.map(|role| format!("ALTER {kind} {name} OWNER TO {};", crate::sql::identifier::quote(role))).into_iter().collect(),
            adopt: "whoever deploys owns: nothing of it is in the spec".to_owned(),
            of_others: false,
            unmodelled: false,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_set_once_what_has_them_is_there() {
        let drift = |object: &str, unmodelled| Drift {
            what: What::Removed,
            object: object.to_owned(),
            attribute: None,
            expected: None,
            actual: None,
            place: None,
            mend: Vec::new(),
            adopt: String::new(),
            of_others: false,
            unmodelled,
        };
        let mut drifts = [
            drift("column option a.t.c", true),
            drift("function option a.f()", true),
            drift("materialized view a.m", true),
            drift("function public.f()", false),
            drift("column a.t.c", false),
        ];
        drifts.sort_by_key(rank);
        let order: Vec<&str> = drifts.iter().map(|drift| drift.object.as_str()).collect();
        assert_eq!(order[..3], ["column a.t.c", "function public.f()", "materialized view a.m"]);
    }
}
