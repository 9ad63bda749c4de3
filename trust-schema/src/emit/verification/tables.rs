//! Tables and their parts, and views.

use std::collections::BTreeMap;

use super::part::{Part, plain, sorted};
use super::selection::Selection;
use crate::catalog::{Id, Object, QualifiedName};
use crate::kinds::Kind;
use crate::kinds::column::{Column, Identity};
use crate::kinds::constraint::foreign_key::{Action, ForeignKey};
use crate::kinds::index::{Index, Key, Nulls};
use crate::kinds::policy::Policy;
use crate::kinds::statement::name_list;
use crate::kinds::trigger::{ForEach, Trigger, When};
use crate::kinds::view::{CheckOption, View};
use crate::sql::identifier::quote;

/// Names of the parts of a table that must be all that it has.
#[derive(Default)]
struct Names<'r> {
    columns: Vec<&'r str>,
    constraints: Vec<&'r str>,
    triggers: Vec<&'r str>,
    policies: Vec<&'r str>,
}

pub fn parts(selection: &Selection<'_>) -> Vec<Part> {
    const PART: &[&str] = &["object", "schema", "relation", "name", "expected"];
    let mut tables = Part::new("expected_tables", &["object", "schema", "name", "row_level_security", "persistence"], include_str!("sql/tables.sql"));
    let mut table_parts = Part::new("expected_table_parts", &["object", "schema", "name", "part", "expected"], include_str!("sql/table_parts.sql"));
    let mut columns = Part::new("expected_columns", PART, include_str!("sql/columns.sql"));
    let mut constraints =
        Part::new("expected_constraints", &["kind", "object", "schema", "relation", "name", "expected"], include_str!("sql/constraints.sql"));
    let mut indexes = Part::new("expected_indexes", &["object", "schema", "name", "expected"], include_str!("sql/indexes.sql"));
    let mut views = Part::new("expected_views", &["object", "schema", "name", "expected"], include_str!("sql/views.sql"));
    let mut triggers = Part::new("expected_triggers", PART, include_str!("sql/triggers.sql"));
    let policy_columns = &["object", "schema", "relation", "name", "command", "mode", "roles", "expressions"];
    let mut policies = Part::new("expected_policies", policy_columns, include_str!("sql/policies.sql"));
    let mut names: BTreeMap<&QualifiedName, Names<'_>> = BTreeMap::new();
    let altered = selection.altered();
    for (id, object) in selection.objects() {
        let table = if let Object::Column(column) = object { Id::of(Kind::Table, &column.table) } else { id.clone() };
        if altered.contains(&table) {
            continue;
        }
        let label = id.to_string();
        let mut constraint = |table: &QualifiedName, name: &str, expected: &str| {
            constraints.texts(&[id.kind().word(), &label, &table.schema, &table.name, name, &plain(expected)])
        };
        match object {
            Object::Table(table) => {
                let security = match (table.row_level_security, table.force_row_level_security) {
                    (true, true) => "enabled and forced",
                    (true, false) => "enabled",
                    _ => "disabled",
                };
                let persistence = if table.unlogged { "unlogged" } else { "permanent" };
                tables.texts(&[&label, &table.name.schema, &table.name.name, security, persistence]);
                names.entry(&table.name).or_default();
            }
            Object::Column(object) => {
                columns.texts(&[&label, &object.table.schema, &object.table.name, &object.name, &plain(&column(object))]);
                names.entry(&object.table).or_default().columns.push(&object.name);
            }
            Object::PrimaryKey(key) => {
                constraint(&key.table, &key.name, &format!("PRIMARY KEY ({})", name_list(&key.columns)));
                names.entry(&key.table).or_default().constraints.push(&key.name);
            }
            Object::Unique(key) => {
                let nulls = if key.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
                constraint(&key.table, &key.name, &format!("UNIQUE{nulls} ({}){}", name_list(&key.columns), include(&key.include)));
                names.entry(&key.table).or_default().constraints.push(&key.name);
            }
            Object::Check(check) => {
                constraint(&check.table, &check.name, "CHECK");
                names.entry(&check.table).or_default().constraints.push(&check.name);
            }
            Object::ForeignKey(key) => {
                constraint(&key.table, &key.name, &foreign_key(key));
                names.entry(&key.table).or_default().constraints.push(&key.name);
            }
            Object::Index(object) => indexes.texts(&[&label, &object.table.schema, &object.name, &plain(&index(object))]),
            Object::View(object) => {
                views.texts(&[&label, &object.name.schema, &object.name.name, &view(object)]);
                for (name, ty) in &object.columns {
                    let label = format!("column {}.{}", object.name, quote(name));
                    columns.texts(&[&label, &object.name.schema, &object.name.name, name, &plain(ty)]);
                }
            }
            Object::Trigger(object) => {
                triggers.texts(&[&label, &object.table.schema, &object.table.name, &object.name, &plain(&trigger(object))]);
                names.entry(&object.table).or_default().triggers.push(&object.name);
            }
            Object::Policy(object) => {
                policies.texts(&policy(&label, object).each_ref().map(String::as_str));
                names.entry(&object.table).or_default().policies.push(&object.name);
            }
            _ => {}
        }
    }
    if selection.is_whole() && !selection.has_raw() {
        for (table, names) in names {
            let label = crate::catalog::Id::of(crate::kinds::Kind::Table, table);
            if !selection.resolution.catalog.contains(&label) {
                continue;
            }
            let lists =
                [("columns", &names.columns), ("constraints", &names.constraints), ("triggers", &names.triggers), ("policies", &names.policies)];
            for (part, list) in lists {
                table_parts.texts(&[&label.to_string(), &table.schema, &table.name, part, &sorted(list)]);
            }
            table_parts.texts(&[&label.to_string(), &table.schema, &table.name, "rules", "none"]);
        }
    }
    vec![tables, table_parts, columns, constraints, indexes, views, triggers, policies]
}

/// As `attributes` of `catalogs.sql` prints it.
fn column(column: &Column) -> String {
    let mut text = column.data_type.clone();
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {}", quote(collation)));
    }
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    if column.default.is_some() {
        text.push_str(" DEFAULT");
    }
    match column.identity {
        Some(Identity::Always) => text.push_str(" GENERATED ALWAYS AS IDENTITY"),
        Some(Identity::ByDefault) => text.push_str(" GENERATED BY DEFAULT AS IDENTITY"),
        None => {}
    }
    if column.generated.is_some() {
        text.push_str(" GENERATED");
    }
    text
}

fn include(columns: &[String]) -> String {
    if columns.is_empty() { String::new() } else { format!(" INCLUDE ({})", name_list(columns)) }
}

pub fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!("FOREIGN KEY ({}) REFERENCES {} ({})", name_list(&key.columns), key.references, name_list(&key.referenced_columns));
    for (event, action, columns) in [("DELETE", key.on_delete, key.delete_columns.as_slice()), ("UPDATE", key.on_update, &[])] {
        if action != Action::NoAction {
            let columns = if columns.is_empty() { String::new() } else { format!(" ({})", name_list(columns)) };
            text.push_str(&format!(" ON {event} {}{columns}", action.label().replace('_', " ").to_uppercase()));
        }
    }
    text
}

fn index(index: &Index) -> String {
    let elements = index.elements.iter().map(|element| {
        let name = match &element.key {
            Key::Column(name) => quote(name).into_owned(),
            Key::Expression(_) => "(expression)".to_owned(),
        };
        let direction = match (element.descending, element.nulls) {
            (true, Some(Nulls::Last)) => " DESC NULLS LAST",
            (true, _) => " DESC",
            (false, Some(Nulls::First)) => " NULLS FIRST",
            (false, _) => "",
        };
        format!("{name}{direction}")
    });
    let elements = elements.collect::<Vec<_>>().join(", ");
    let unique = if index.unique { "UNIQUE " } else { "" };
    let nulls = if index.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let predicate = if index.predicate.is_some() { " WHERE" } else { "" };
    format!("{unique}{} ON {} ({elements}){}{nulls}{predicate}", index.method.label(), index.table, include(&index.include))
}

/// The options that PostgreSQL stores, sorted.
fn view(view: &View) -> String {
    let check = match view.check_option {
        Some(CheckOption::Local) => "check_option=local, ",
        Some(CheckOption::Cascaded) => "check_option=cascaded, ",
        None => "",
    };
    format!("{check}{}", if view.security_invoker { "security_invoker=true" } else { "security_barrier=true" })
}

fn trigger(trigger: &Trigger) -> String {
    let mut text = match trigger.when {
        When::Before => "BEFORE",
        When::After => "AFTER",
        When::InsteadOf => "INSTEAD OF",
    }
    .to_owned();
    let mut events = trigger.events.clone();
    events.sort_unstable();
    events.dedup();
    for event in events {
        text.push_str(&format!(" {}", event.label().to_uppercase()));
    }
    text.push_str(if trigger.for_each == ForEach::Row { " FOR EACH ROW" } else { " FOR EACH STATEMENT" });
    if trigger.condition.is_some() {
        text.push_str(" WHEN");
    }
    format!("{text} EXECUTE {}", trigger.function)
}

fn policy(label: &str, policy: &Policy) -> [String; 8] {
    let mode = if policy.permissive { "permissive" } else { "restrictive" };
    let roles = sorted(&policy.roles.iter().map(String::as_str).collect::<Vec<_>>());
    let expressions = match (policy.using.is_some(), policy.check.is_some()) {
        (true, true) => "USING, WITH CHECK",
        (true, false) => "USING",
        (false, true) => "WITH CHECK",
        (false, false) => "none",
    };
    let texts = [label, &policy.table.schema, &policy.table.name, &policy.name, policy.command.label(), mode, &roles, expressions];
    texts.map(str::to_owned)
}
