//! Who may do what, and comments.

use std::collections::BTreeSet;

use super::functions::argument_types;
use super::part::Part;
use super::selection::{Selection, schema_of};
use crate::catalog::{Id, Object, QualifiedName};
use crate::kinds::Kind;
use crate::kinds::grant::Grant;

pub fn parts(selection: &Selection<'_>) -> Vec<Part> {
    let mut securables = Part::new("securables", &["kind", "object", "schema", "name", "arguments"], include_str!("sql/privileges.sql"));
    securables.shared = true;
    let mut relations = Part::new("expected_relations", &["object"], include_str!("sql/any_column.sql"));
    let mut grants = Part::shared("expected_grants", &["object", "role", "privilege"]);
    let mut column_grants = Part::shared("expected_column_grants", &["object", "name", "role", "privilege"]);
    let mut granted_columns = Part::new("expected_granted_columns", &["object", "relation", "name"], include_str!("sql/column_privileges.sql"));
    let mut comments = Part::new("expected_comments", &["object", "kind", "schema", "owner", "name", "expected"], include_str!("sql/comments.sql"));
    let mut with_column_grants: BTreeSet<&Id> = BTreeSet::new();
    let altered = selection.altered();
    let is_altered = |id: &Id| altered.contains(id);
    for (id, object) in selection.objects() {
        let of = match object {
            Object::Grant(grant) => is_altered(&grant.target),
            Object::Comment(comment) => {
                is_altered(&comment.target)
                    || selection.resolution.catalog.get(&comment.target).is_some_and(|target| target.parents().iter().any(is_altered))
            }
            Object::Column(column) => is_altered(&Id::of(Kind::Table, &column.table)),
            _ => is_altered(id),
        };
        if of {
            continue;
        }
        let label = id.to_string();
        let mut named = |kind: &str, name: &QualifiedName, arguments: &str| securables.texts(&[kind, &label, &name.schema, &name.name, arguments]);
        match object {
            Object::Table(table) => {
                named("relation", &table.name, "");
                relations.texts(&[&label]);
            }
            Object::View(view) => {
                named("relation", &view.name, "");
                relations.texts(&[&label]);
            }
            Object::Sequence(sequence) => named("sequence", &sequence.name, ""),
            Object::Column(column) => {
                if let Some(sequence) = &column.identity_sequence {
                    let label = Id::of(Kind::Sequence, sequence).to_string();
                    securables.texts(&["sequence", &label, &sequence.schema, &sequence.name, ""]);
                }
            }
            Object::Function(function) => named("function", &function.name, &argument_types(function)),
            Object::Enum(object) => named("type", &object.name, ""),
            Object::Domain(object) => named("type", &object.name, ""),
            Object::Composite(object) => named("type", &object.name, ""),
            Object::Schema(schema) => securables.texts(&["schema", &label, &schema.name, "", ""]),
            Object::Grant(grant) => {
                add_grant(grant, &mut grants, &mut column_grants);
                if !grant.columns.is_empty() {
                    with_column_grants.insert(&grant.target);
                }
            }
            Object::Comment(comment) => {
                if let Some([kind, schema, owner, name]) = selection.resolution.catalog.get(&comment.target).and_then(address) {
                    comments.texts(&[&comment.target.to_string(), &kind, &schema, &owner, &name, &comment.text]);
                }
            }
            _ => {}
        }
    }
    for (id, object) in selection.objects() {
        let Object::Column(column) = object else { continue };
        let table = Id::of(Kind::Table, &column.table);
        if with_column_grants.contains(&table) {
            granted_columns.texts(&[&id.to_string(), &table.to_string(), &column.name]);
        }
    }
    for id in with_column_grants {
        let Some(Object::View(view)) = selection.resolution.catalog.get(id) else { continue };
        for (name, _) in &view.columns {
            granted_columns.texts(&[&Id::part(Kind::Column, &view.name, name).to_string(), &id.to_string(), name]);
        }
    }
    vec![securables, grants, column_grants, relations, granted_columns, comments]
}

fn add_grant(grant: &Grant, grants: &mut Part, column_grants: &mut Part) {
    let target = grant.target.to_string();
    let role = if grant.grantee == "public" { "PUBLIC" } else { &grant.grantee };
    for privilege in &grant.privileges {
        grants.texts(&[&target, role, privilege.keyword()]);
    }
    for (column, privileges) in &grant.columns {
        for privilege in privileges {
            column_grants.texts(&[&target, column, role, privilege.keyword()]);
        }
    }
}

/// How `comments.sql` finds an object: kind, schema, owner (of a function: its argument types) and name.
fn address(object: &Object) -> Option<[std::borrow::Cow<'_, str>; 4]> {
    use std::borrow::Cow::{Borrowed, Owned};
    let schema = Borrowed(schema_of(object)?);
    let part =
        |kind, owner: &'_ QualifiedName, name: &'_ str| Some([Borrowed(kind), schema.clone(), Owned(owner.name.to_string()), Owned(name.to_owned())]);
    let global = |kind, name: &str| Some([Borrowed(kind), schema.clone(), Borrowed(""), Owned(name.to_owned())]);
    match object {
        Object::Schema(_) => global("schema", ""),
        Object::Table(table) => global("relation", &table.name.name),
        Object::View(view) => global("relation", &view.name.name),
        Object::Sequence(sequence) => global("relation", &sequence.name.name),
        Object::Index(index) => global("relation", &index.name),
        Object::Enum(object) => global("type", &object.name.name),
        Object::Domain(object) => global("type", &object.name.name),
        Object::Composite(object) => global("type", &object.name.name),
        Object::Function(function) => Some([Borrowed("function"), schema, Owned(argument_types(function)), Owned(function.name.name.to_string())]),
        Object::Column(column) => part("column", &column.table, &column.name),
        Object::PrimaryKey(key) => part("constraint", &key.table, &key.name),
        Object::Unique(key) => part("constraint", &key.table, &key.name),
        Object::Check(check) => part("constraint", &check.table, &check.name),
        Object::ForeignKey(key) => part("constraint", &key.table, &key.name),
        Object::Trigger(trigger) => part("trigger", &trigger.table, &trigger.name),
        Object::Policy(policy) => part("policy", &policy.table, &policy.name),
        _ => None,
    }
}
