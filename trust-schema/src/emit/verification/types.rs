//! Roles, schemas, extensions, types and sequences.

use std::collections::BTreeSet;

use super::part::{Part, plain, texts};
use super::selection::Selection;
use crate::catalog::{Id, Object};
use crate::kinds::Kind;
use crate::kinds::domain::Domain;
use crate::kinds::role::Role;
use crate::kinds::sequence::Sequence;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// The roles that have to do with what is covered; where that is everything, what they get over each other, too.
pub fn roles(selection: &Selection<'_>) -> [Part; 2] {
    let mut roles = Part::new("expected_roles", &["role", "is_api", "expected"], include_str!("sql/roles.sql"));
    let columns = &["role", "is_api", "reached", "inherited"];
    let mut watched = Part::new("watched_roles", columns, include_str!("sql/role_memberships.sql"));
    for (role, is_api) in selection.roles() {
        roles.push(&format!("{}, {is_api}, {}", texts(&[role]), texts(&[&plain(&attributes(selection, role, is_api))])));
        // Who logs in becomes who comes: what it can become is within reach of its clients.
        let is_watched = role != "PUBLIC" && (is_api || declared(selection, role).is_some_and(|role| role.login));
        let inherited = inherited(selection, role);
        if selection.is_whole() && (is_watched || !inherited.is_empty()) {
            let reached: Vec<String> = reached(selection, role).into_iter().map(quoted).collect();
            watched.push(&format!("{}, {is_api}, ARRAY[{}]::text[], {}", texts(&[role]), reached.join(", "), texts(&[&inherited])));
        }
    }
    [roles, watched]
}

pub fn parts(selection: &Selection<'_>) -> Vec<Part> {
    let mut schemas = Part::new("expected_schemas", &["object", "schema", "is_closed"], include_str!("sql/schemas.sql"));
    let mut extensions = Part::new("expected_extensions", &["object", "name", "schema"], include_str!("sql/extensions.sql"));
    let mut enums = Part::new("expected_enums", &["object", "schema", "name", "expected"], include_str!("sql/enums.sql"));
    let mut domains = Part::new("expected_domains", &["object", "schema", "name", "expected"], include_str!("sql/domains.sql"));
    let mut composites = Part::new("expected_composites", &["object", "schema", "name", "expected"], include_str!("sql/composites.sql"));
    let mut sequences = Part::new("expected_sequences", &["object", "schema", "name", "expected"], include_str!("sql/sequences.sql"));
    let altered = selection.altered();
    for (id, object) in selection.objects() {
        let label = id.to_string();
        match object {
            Object::Schema(schema) => schemas.push(&format!("{}, {}", texts(&[&label, &schema.name]), !altered.contains(id))),
            Object::Extension(extension) => extensions.texts(&[&label, &extension.name, &extension.schema]),
            Object::Enum(object) => {
                let labels = object.values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ");
                enums.texts(&[&label, &object.name.schema, &object.name.name, &labels]);
            }
            Object::Domain(object) => domains.texts(&[&label, &object.name.schema, &object.name.name, &plain(&domain(object))]),
            Object::Composite(object) => {
                let attributes = object.attributes.iter().map(|(name, ty)| format!("{} {ty}", quote(name))).collect::<Vec<_>>().join(", ");
                composites.texts(&[&label, &object.name.schema, &object.name.name, &plain(&attributes)]);
            }
            Object::Sequence(object) => sequences.texts(&[&label, &object.name.schema, &object.name.name, &sequence(object)]),
            _ => {}
        }
    }
    vec![schemas, extensions, enums, domains, composites, sequences]
}

/// What a role is declared to have that lets it past grants and policies, or in without the API: as `roles.sql` prints it.
fn attributes(selection: &Selection<'_>, role: &str, is_api: bool) -> String {
    let Some(role) = declared(selection, role) else { return "none".to_owned() };
    let mut attributes: Vec<String> = Vec::new();
    if role.bypasses_row_security {
        attributes.push("BYPASSRLS".to_owned());
    }
    if role.login {
        attributes.push("LOGIN".to_owned());
    }
    if is_api && !role.bypasses_row_security && !role.member_of.is_empty() {
        let groups: BTreeSet<_> = role.member_of.iter().map(|group| quote(group)).collect();
        attributes.push(format!("member of {}", Vec::from_iter(groups).join(", ")));
    }
    if attributes.is_empty() { "none".to_owned() } else { attributes.join(", ") }
}

fn declared<'r>(selection: &Selection<'r>, role: &str) -> Option<&'r Role> {
    match selection.resolution.catalog.get(&Id::global(Kind::Role, role)) {
        Some(Object::Role(role)) => Some(role),
        _ => None,
    }
}

/// The roles of which a role is declared to be a member, over others too.
fn reached<'r>(selection: &Selection<'r>, role: &str) -> BTreeSet<&'r str> {
    let groups = |role: &str| declared(selection, role).into_iter().flat_map(|role| role.member_of.iter().map(String::as_str));
    let mut pending: Vec<&str> = groups(role).collect();
    let mut reached = BTreeSet::new();
    while let Some(group) = pending.pop() {
        if reached.insert(group) {
            pending.extend(groups(group));
        }
    }
    reached
}

/// The roles whose privileges a role is declared to have at once; nothing to compare where it is a member of none.
fn inherited(selection: &Selection<'_>, role: &str) -> String {
    match declared(selection, role).filter(|role| !role.member_of.is_empty()) {
        Some(role) if role.inherits => Vec::from_iter(role.member_of.iter().map(String::as_str)).join(", "),
        Some(_) => "nothing".to_owned(),
        None => String::new(),
    }
}

fn domain(domain: &Domain) -> String {
    let mut text = domain.base.clone();
    if domain.not_null {
        text.push_str(" NOT NULL");
    }
    if !domain.checks.is_empty() {
        let names = domain.checks.iter().map(|(name, _)| quote(name)).collect::<Vec<_>>().join(", ");
        text.push_str(&format!(" CONSTRAINT {names}"));
    }
    text
}

fn sequence(sequence: &Sequence) -> String {
    let Sequence { data_type, start, increment, minimum, maximum, cache, cycle, .. } = sequence;
    let cycle = if *cycle { " cycle" } else { "" };
    format!("{} start {start} increment {increment} from {minimum} to {maximum} cache {cache}{cycle}", data_type.label())
}
