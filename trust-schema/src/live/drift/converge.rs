//! The way from a live database to the spec: both as PostgreSQL prints them, so that what is the same needs no statement.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::differences::{additional_ids, find};
use super::expected::{self, Expected};
use super::{Drift, Seen, Subject};
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::evolution::{Evolution, Hazard, Manner, Way, differences, evolve, hazards};
use crate::live::deploy::Stop;
use crate::live::deploy::checks::Server;
use crate::live::deploy::migration::Migration;
use crate::live::server::Target;
use crate::resolve::revoke_from;
use crate::sql::identifier::parse_reference;
use crate::sql::lexer::{self, TokenKind};
use crate::sql::value;

/// What leads from a database to the spec.
#[derive(Debug)]
pub struct Convergence {
    pub place: String,
    pub server: Server,
    pub before: Catalog,
    pub after: Catalog,
    pub evolution: Evolution,
    pub hazards: Vec<Hazard>,
    /// What no statement here changes: of others, or what the Catalog has no word for.
    pub left: Vec<Drift>,
}

/// Builds what a database should hold in the end: all migrations, applied or not, on a throw-away database.
///
/// # Errors
/// Where that cannot be built.
pub async fn goal(target: &Target, subject: &Subject<'_>) -> Result<Expected, Stop> {
    let all: Vec<&Migration> = subject.system.migrations.iter().collect();
    expected::build(target, subject, &all).await
}

/// Plans the way to it.
///
/// # Errors
/// Where no order is found, or where values would not come through.
pub fn converge(seen: Seen, expected: &Expected, subject: &Subject<'_>) -> Result<Convergence, Stop> {
    let drifts = find(expected, &seen.held, subject);
    let additional = additional_ids(expected, &seen.held, subject);
    let after = part(&expected.catalog, |id, _| expected.own.contains(id));
    // The sequence of a `serial` column goes with its column.
    let goes_along = |id: &Id| seen.held.owned.get(id).is_some_and(|column| !after.contains(column));
    let before = part(&seen.held.catalog, |id, object| is_ours(id, object, expected, &seen.held.catalog, &additional) && !goes_along(id));
    let known = &subject.resolution.catalog;
    let (before, after) = (with_needs(before, known), with_needs(after, known));
    let revoked = revoke_from(subject.resolution.project.api_roles.iter().map(String::as_str));
    let evolution = evolve(&before, &after, &revoked, Manner::Online).map_err(|stuck| Stop::new("changes-without-order", stuck.to_string()))?;
    if let Some(refused) = evolution.refused.first() {
        return Err(Stop::new("no-cast", refused.message(Way::There)));
    }
    // What no difference of the two tells.
    let told: BTreeSet<String> = differences(&before, &after).iter().map(|(id, _)| id.to_string()).collect();
    // The order of columns PostgreSQL cannot change.
    let is_left = |drift: &Drift| (drift.of_others || !told.contains(&drift.object)) && drift.attribute.as_deref() != Some("position");
    let left = drifts.into_iter().filter(is_left).collect();
    let hazards = hazards(&evolution);
    Ok(Convergence { place: seen.place, server: seen.server, before, after, evolution, hazards, left })
}

/// The objects of a Catalog that count.
pub(super) fn part(catalog: &Catalog, counts: impl Fn(&Id, &Object) -> bool) -> Catalog {
    let mut part = Catalog::default();
    for (_, entry) in catalog.iter().filter(|(id, entry)| counts(id, &entry.object)) {
        // Every identity is there once.
        let _ = part.insert(entry.object.clone(), entry.needs.clone());
    }
    part
}

/// Whether a live object is one of ours, or is there besides in what is ours.
fn is_ours(id: &Id, object: &Object, expected: &Expected, live: &Catalog, additional: &BTreeSet<Id>) -> bool {
    if expected.own.contains(id) || additional.contains(id) {
        return true;
    }
    // Parts of what is there besides go with it, but their names are needed.
    let mut parents = object.parents();
    while let Some(parent) = parents.pop() {
        if additional.contains(&parent) {
            return true;
        }
        if parent.kind() != Kind::Schema {
            parents.extend(live.get(&parent).map(Object::parents).unwrap_or_default());
        }
    }
    false
}

/// What each object needs: as the spec has it, or what its texts name.
pub(super) fn with_needs(catalog: Catalog, known: &Catalog) -> Catalog {
    let mut named: FxHashMap<QualifiedName, Vec<Id>> = FxHashMap::default();
    for (id, entry) in catalog.iter() {
        let name = match &entry.object {
            Object::Table(table) => &table.name,
            Object::View(view) => &view.name,
            Object::Sequence(sequence) => &sequence.name,
            Object::Enum(one) => &one.name,
            Object::Domain(domain) => &domain.name,
            Object::Composite(composite) => &composite.name,
            Object::Function(function) => &function.name,
            _ => continue,
        };
        named.entry(name.clone()).or_default().push(id.clone());
    }
    let mut complete = Catalog::default();
    let all: BTreeMap<Id, BTreeSet<Id>> = catalog.iter().map(|(id, entry)| (id.clone(), needs(id, &entry.object, &named, known))).collect();
    for (id, entry) in catalog.into_entries() {
        let needs = all.get(&id).cloned().unwrap_or_default();
        let _ = complete.insert(entry.object.clone(), needs);
    }
    complete
}

fn needs(id: &Id, object: &Object, named: &FxHashMap<QualifiedName, Vec<Id>>, known: &Catalog) -> BTreeSet<Id> {
    let mut needs: BTreeSet<Id> = known.needs(id).filter(|_| known.contains(id)).cloned().collect();
    // A body is a text to PostgreSQL: what it names need not be there.
    let mut object = object.clone();
    if let Object::Function(function) = &mut object {
        function.body.clear();
    }
    let mut texts = Vec::new();
    strings(&serde_json::to_value(&object).unwrap_or_default(), &mut texts);
    if let Object::Trigger(trigger) = &object {
        needs.extend(named.get(&trigger.function).into_iter().flatten().cloned());
    }
    for text in texts {
        mentions(&text, named, &mut needs);
    }
    let parents = object.parents();
    needs.retain(|need| need != id && !parents.contains(need));
    needs
}

fn strings(json: &serde_json::Value, found: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        serde_json::Value::Object(map) => map.values().for_each(|value| strings(value, found)),
        _ => {}
    }
}

/// `schema.name` wherever it stands, and in strings.
fn mentions(text: &str, named: &FxHashMap<QualifiedName, Vec<Id>>, needs: &mut BTreeSet<Id>) {
    let tokens = lexer::lex(text).tokens;
    let name = |place: usize| tokens.get(place).and_then(|token| value::identifier(token.kind, token.text(text))?.ok());
    for (place, token) in tokens.iter().enumerate() {
        let found = if token.kind.is_string() {
            let written = value::string(token.kind, token.text(text)).and_then(Result::ok);
            written.and_then(|written| parse_reference(&written).ok()).and_then(|(schema, name)| Some(QualifiedName::new(schema?, name)))
        } else if tokens.get(place + 1).is_some_and(|dot| dot.kind == TokenKind::Dot) {
            name(place).zip(name(place + 2)).map(|(schema, name)| QualifiedName::new(schema, name))
        } else {
            None
        };
        needs.extend(found.and_then(|found| named.get(&found)).into_iter().flatten().cloned());
    }
}
