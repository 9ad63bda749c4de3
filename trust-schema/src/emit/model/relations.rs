//! Tables, views and the foreign keys between them.

use std::collections::HashMap;

use super::build::{comment, span};
use super::types::Types;
use super::{Column, ForeignKey, Identity, Relation};
use crate::catalog::{Catalog, Id, Object, QualifiedName};
use crate::kinds::{column, constraint, index};
use crate::resolve::Resolution;

/// The parts of one table.
#[derive(Default)]
struct Parts<'c> {
    columns: Vec<&'c column::Column>,
    primary_key: &'c [String],
    /// Column sets of unique constraints and of unique indexes over all rows.
    unique: Vec<Vec<&'c str>>,
    foreign_keys: Vec<&'c constraint::foreign_key::ForeignKey>,
}

/// The tables and the views.
pub(super) fn relations(resolution: &Resolution, types: &mut Types<'_>) -> (Vec<Relation>, Vec<Relation>) {
    let catalog = &resolution.catalog;
    let mut parts = parts(catalog);
    let (mut tables, mut views) = (Vec::new(), Vec::new());
    for (id, entry) in catalog.iter() {
        let relation = |name: &QualifiedName, columns| Relation {
            id: id.clone(),
            name: name.clone(),
            columns,
            primary_key: Vec::new(),
            foreign_keys: Vec::new(),
            comment: comment(catalog, id),
            span: span(resolution, id),
        };
        match &entry.object {
            Object::Table(table) => {
                let parts = parts.remove(&table.name).unwrap_or_default();
                let columns = parts.columns.iter().map(|column| table_column(column, catalog, types)).collect();
                let foreign_keys = parts.foreign_keys.iter().map(|key| foreign_key(key, &parts)).collect();
                tables.push(Relation { primary_key: parts.primary_key.to_vec(), foreign_keys, ..relation(&table.name, columns) });
            }
            Object::View(view) => {
                let columns = view.columns.iter().map(|(name, ty)| Column {
                    name: name.clone(),
                    data_type: types.data_type(ty),
                    nullable: true,
                    default: None,
                    generated: false,
                    identity: None,
                    comment: comment(catalog, &Id::part(crate::catalog::Kind::Column, &view.name, name)),
                });
                views.push(relation(&view.name, columns.collect()));
            }
            _ => {}
        }
    }
    (tables, views)
}

fn parts(catalog: &Catalog) -> HashMap<&QualifiedName, Parts<'_>> {
    let mut parts: HashMap<&QualifiedName, Parts<'_>> = HashMap::new();
    for object in catalog.objects() {
        match object {
            Object::Column(column) => parts.entry(&column.table).or_default().columns.push(column),
            Object::PrimaryKey(key) => parts.entry(&key.table).or_default().primary_key = &key.columns,
            Object::Unique(key) => parts.entry(&key.table).or_default().unique.push(key.columns.iter().map(String::as_str).collect()),
            Object::Index(index) if index.unique && index.predicate.is_none() => {
                let columns = index.elements.iter().map(|element| match &element.key {
                    index::Key::Column(column) => Some(column.as_str()),
                    index::Key::Expression(_) => None,
                });
                if let Some(columns) = columns.collect::<Option<Vec<_>>>() {
                    parts.entry(&index.table).or_default().unique.push(columns);
                }
            }
            Object::ForeignKey(key) => parts.entry(&key.table).or_default().foreign_keys.push(key),
            _ => {}
        }
    }
    for table in parts.values_mut() {
        table.columns.sort_by_key(|column| column.position);
    }
    parts
}

fn table_column(column: &column::Column, catalog: &Catalog, types: &mut Types<'_>) -> Column {
    Column {
        name: column.name.clone(),
        data_type: types.data_type(&column.data_type),
        nullable: !column.not_null,
        default: column.default.as_ref().map(|default| default.text().to_owned()),
        generated: column.generated.is_some(),
        identity: column.identity.map(|identity| match identity {
            column::Identity::Always => Identity::Always,
            column::Identity::ByDefault => Identity::ByDefault,
        }),
        comment: comment(catalog, &Id::part(crate::catalog::Kind::Column, &column.table, &column.name)),
    }
}

fn foreign_key(key: &constraint::foreign_key::ForeignKey, parts: &Parts<'_>) -> ForeignKey {
    let holds = |unique: &[&str]| !unique.is_empty() && unique.iter().all(|column| key.columns.iter().any(|held| held == column));
    let primary: Vec<&str> = parts.primary_key.iter().map(String::as_str).collect();
    ForeignKey {
        name: key.name.clone(),
        columns: key.columns.clone(),
        references: key.references.clone(),
        referenced_columns: key.referenced_columns.clone(),
        one_to_one: holds(&primary) || parts.unique.iter().any(|unique| holds(unique)),
    }
}
