//! Tables, as the reference shows them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::model::Comments;
use crate::catalog::{Id, Object, QualifiedName};
use crate::emit::sql::Surroundings;
use crate::emit::verification::foreign_key;
use crate::kinds::Kind;
use crate::kinds::column::{Column, Identity};
use crate::kinds::grant::Grant;
use crate::operations::Retention;
use crate::sql::identifier::quote;

/// A table with its parts.
#[derive(Serialize)]
pub struct Table<'r> {
    name: String,
    comment: Option<&'r str>,
    unlogged: bool,
    columns: Vec<TableColumn<'r>>,
    /// Names and definitions of keys, checks and foreign keys.
    constraints: Vec<(&'r str, String)>,
    indexes: Vec<(&'r str, String)>,
    triggers: Vec<&'r str>,
    policies: Vec<TablePolicy<'r>>,
    /// Roles and what they may do.
    access: Vec<(&'r str, String)>,
    retention: Option<TableRetention<'r>>,
    #[serde(skip)]
    order: Vec<u32>,
}

#[derive(Serialize)]
struct TableColumn<'r> {
    name: &'r str,
    data_type: &'r str,
    nullable: bool,
    default: String,
    comment: Option<&'r str>,
}

/// How long rows are kept, from which time on, and the function that deletes older ones.
#[derive(Serialize)]
struct TableRetention<'r> {
    keep: &'r str,
    by: &'r str,
    function: &'r str,
}

#[derive(Serialize)]
struct TablePolicy<'r> {
    name: &'r str,
    command: &'static str,
    mode: &'static str,
    roles: String,
    using: Option<&'r str>,
    check: Option<&'r str>,
    comment: Option<&'r str>,
}

/// All tables, by name.
pub fn tables<'r>(surroundings: &Surroundings<'r>, comments: &Comments<'r>) -> Vec<Table<'r>> {
    let resolution = surroundings.resolution;
    let context = surroundings.context();
    let mut tables: BTreeMap<&QualifiedName, Table<'r>> = BTreeMap::new();
    let retentions: BTreeMap<&Id, &Retention> = resolution.operations.retentions.iter().map(|rule| (&rule.table, rule)).collect();
    for object in resolution.catalog.objects() {
        if let Object::Table(table) = object {
            let id = Id::of(Kind::Table, &table.name);
            let retention = retentions.get(&id).map(|rule| TableRetention { keep: &rule.keep, by: &rule.by, function: rule.function.name() });
            let empty = Table {
                name: table.name.to_string(),
                comment: comments.get(&id).copied(),
                unlogged: table.unlogged,
                columns: Vec::new(),
                constraints: Vec::new(),
                indexes: Vec::new(),
                triggers: Vec::new(),
                policies: Vec::new(),
                access: Vec::new(),
                retention,
                order: Vec::new(),
            };
            tables.insert(&table.name, empty);
        }
    }
    let by_id: BTreeMap<Id, &QualifiedName> = tables.keys().map(|name| (Id::of(Kind::Table, name), *name)).collect();
    for (id, entry) in resolution.catalog.iter() {
        let comment = || comments.get(id).copied();
        match &entry.object {
            Object::Column(column) => {
                let Some(table) = tables.get_mut(&column.table) else { continue };
                let place = table.order.partition_point(|position| *position < column.position);
                table.order.insert(place, column.position);
                table.columns.insert(
                    place,
                    TableColumn {
                        name: &column.name,
                        data_type: &column.data_type,
                        nullable: !column.not_null,
                        default: default(column),
                        comment: comment(),
                    },
                );
            }
            Object::PrimaryKey(key) => constraint(&mut tables, &key.table, &key.name, key.definition()),
            Object::Unique(key) => constraint(&mut tables, &key.table, &key.name, key.definition()),
            Object::Check(check) => constraint(&mut tables, &check.table, &check.name, check.definition()),
            Object::ForeignKey(key) => constraint(&mut tables, &key.table, &key.name, foreign_key(key)),
            Object::Index(index) => {
                let Some(table) = tables.get_mut(&index.table) else { continue };
                table.indexes.push((&index.name, entry.object.create(&context).join(" ")));
            }
            Object::Trigger(trigger) => {
                let Some(table) = tables.get_mut(&trigger.table) else { continue };
                table.triggers.push(&trigger.name);
            }
            Object::Policy(policy) => {
                let Some(table) = tables.get_mut(&policy.table) else { continue };
                table.policies.push(TablePolicy {
                    name: &policy.name,
                    command: policy.command.label(),
                    mode: if policy.permissive { "permissive" } else { "restrictive" },
                    roles: policy.roles.join(", "),
                    using: policy.using.as_ref().map(|using| using.text()),
                    check: policy.check.as_ref().map(|check| check.text()),
                    comment: comment(),
                });
            }
            Object::Grant(grant) => {
                let Some(table) = by_id.get(&grant.target).and_then(|name| tables.get_mut(name)) else { continue };
                table.access.push((&grant.grantee, access(grant)));
            }
            _ => {}
        }
    }
    tables.into_values().collect()
}

fn constraint<'r>(tables: &mut BTreeMap<&'r QualifiedName, Table<'r>>, table: &QualifiedName, name: &'r str, definition: String) {
    let prefix = format!("CONSTRAINT {} ", quote(name));
    let definition = definition.strip_prefix(&prefix).map(str::to_owned).unwrap_or(definition);
    if let Some(table) = tables.get_mut(table) {
        table.constraints.push((name, definition));
    }
}

fn default(column: &Column) -> String {
    match (&column.default, column.identity, &column.generated) {
        (Some(default), ..) => default.text().to_owned(),
        (_, Some(Identity::Always), _) => "identity, always".to_owned(),
        (_, Some(Identity::ByDefault), _) => "identity, by default".to_owned(),
        (.., Some(generated)) => format!("generated: {}", generated.text()),
        _ => String::new(),
    }
}

fn access(grant: &Grant) -> String {
    let whole = grant.privileges.iter().map(|privilege| privilege.keyword().to_owned());
    let columns = grant.columns.iter().map(|(column, privileges)| {
        let privileges = privileges.iter().map(|privilege| privilege.keyword()).collect::<Vec<_>>().join(", ");
        format!("{privileges} of {}", quote(column))
    });
    whole.chain(columns).collect::<Vec<_>>().join(", ")
}
