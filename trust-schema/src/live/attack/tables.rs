//! The tables of a spec with their parts, and how a row's tenant is found.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Id, Object, QualifiedName};
use crate::kinds::column::Column;
use crate::kinds::constraint::check::Check;
use crate::kinds::constraint::foreign_key::ForeignKey;
use crate::kinds::index::Key;
use crate::operations::Tenancy;
use crate::sql::identifier::quote;

/// A table with its parts.
#[derive(Debug, Clone)]
pub struct Table {
    pub id: Id,
    pub name: QualifiedName,
    /// In order.
    pub columns: Vec<Column>,
    pub primary_key: Vec<String>,
    /// Columns of the primary key, of unique constraints and of indexes.
    pub indexed: Vec<String>,
    pub foreign_keys: Vec<ForeignKey>,
    pub checks: Vec<Check>,
    /// Rows belong to no tenant.
    pub shared: bool,
    pub unlogged: bool,
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// All tables, and what a tenant is.
#[derive(Debug)]
pub struct Tables {
    /// What others refer to comes first.
    pub all: Vec<Table>,
    pub tenancy: Tenancy,
    /// The values of enum types.
    pub labels: BTreeMap<String, Vec<String>>,
    /// The types beneath domains.
    pub domains: BTreeMap<String, String>,
    /// The types of composite types' attributes.
    pub composites: BTreeMap<String, Vec<String>>,
}

impl Tables {
    pub fn new(catalog: &Catalog, tenancy: &Tenancy) -> Tables {
        let mut tables: BTreeMap<QualifiedName, Table> = BTreeMap::new();
        let (mut labels, mut domains, mut composites) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for object in catalog.objects() {
            if let Object::Table(table) = object {
                let id = object.id();
                let shared = tenancy.shared.contains(&id);
                let empty = Table {
                    id,
                    name: table.name.clone(),
                    columns: Vec::new(),
                    primary_key: Vec::new(),
                    indexed: Vec::new(),
                    foreign_keys: Vec::new(),
                    checks: Vec::new(),
                    shared,
                    unlogged: table.unlogged,
                };
                tables.insert(table.name.clone(), empty);
            }
            match object {
                Object::Enum(enumeration) => {
                    labels.insert(enumeration.name.to_string(), enumeration.values.clone());
                }
                Object::Domain(domain) => {
                    domains.insert(domain.name.to_string(), domain.base.clone());
                }
                Object::Composite(composite) => {
                    let types = composite.attributes.iter().map(|(_, data_type)| data_type.clone()).collect();
                    composites.insert(composite.name.to_string(), types);
                }
                _ => {}
            }
        }
        for object in catalog.objects() {
            part(object, &mut tables);
        }
        for table in tables.values_mut() {
            table.columns.sort_by_key(|column| column.position);
        }
        Tables { all: in_order(tables), tenancy: tenancy.clone(), labels, domains, composites }
    }

    pub fn get(&self, name: &QualifiedName) -> Option<&Table> {
        self.all.iter().find(|table| table.name == *name)
    }

    /// The column of the table that holds the key of a row's tenant, or of its user, where foreign keys say so.
    pub fn owner_column(&self, table: &Table, owners: &QualifiedName) -> Option<String> {
        self.owner_column_within(table, owners, self.all.len())
    }

    fn owner_column_within(&self, table: &Table, owners: &QualifiedName, depth: usize) -> Option<String> {
        if table.name == *owners {
            return table.primary_key.first().cloned();
        }
        let depth = depth.checked_sub(1)?;
        table.foreign_keys.iter().find_map(|key| {
            let there = if key.references == *owners {
                key.referenced_columns.first().cloned()
            } else {
                self.get(&key.references)
                    .filter(|parent| parent.name != table.name)
                    .and_then(|parent| self.owner_column_within(parent, owners, depth))
            }?;
            let place = key.referenced_columns.iter().position(|column| *column == there)?;
            key.columns.get(place).cloned()
        })
    }

    /// SQL for the key of the owner of the row `alias`: a column, or a look-up through a foreign key that does not carry it.
    pub fn owner_expression(&self, table: &Table, owners: &QualifiedName, alias: &str) -> Option<String> {
        self.owner_expression_within(table, owners, alias, self.all.len())
    }

    fn owner_expression_within(&self, table: &Table, owners: &QualifiedName, alias: &str, depth: usize) -> Option<String> {
        if let Some(column) = self.owner_column(table, owners) {
            return Some(format!("{alias}.{}", quote(&column)));
        }
        let depth = depth.checked_sub(1)?;
        table.foreign_keys.iter().find_map(|key| {
            let parent = self.get(&key.references).filter(|parent| parent.name != table.name)?;
            let there = format!("{alias}_");
            let owner = self.owner_expression_within(parent, owners, &there, depth)?;
            let same = key.columns.iter().zip(&key.referenced_columns);
            let same: Vec<String> = same.map(|(here, column)| format!("{there}.{} = {alias}.{}", quote(column), quote(here))).collect();
            Some(format!("(select {owner} from {} as {there} where {})", parent.name, same.join(" and ")))
        })
    }
}

fn part(object: &Object, tables: &mut BTreeMap<QualifiedName, Table>) {
    match object {
        Object::Column(column) => {
            if let Some(table) = tables.get_mut(&column.table) {
                table.columns.push(column.clone());
            }
        }
        Object::PrimaryKey(key) => {
            if let Some(table) = tables.get_mut(&key.table) {
                table.primary_key.clone_from(&key.columns);
                table.indexed.extend(key.columns.iter().cloned());
            }
        }
        Object::Unique(key) => {
            if let Some(table) = tables.get_mut(&key.table) {
                table.indexed.extend(key.columns.iter().cloned());
            }
        }
        Object::Index(index) => {
            if let Some(table) = tables.get_mut(&index.table) {
                table.indexed.extend(index.elements.iter().filter_map(|element| match &element.key {
                    Key::Column(column) => Some(column.clone()),
                    Key::Expression(_) => None,
                }));
            }
        }
        Object::Check(check) => {
            if let Some(table) = tables.get_mut(&check.table) {
                table.checks.push(check.clone());
            }
        }
        Object::ForeignKey(key) => {
            if let Some(table) = tables.get_mut(&key.table) {
                table.foreign_keys.push(key.clone());
            }
        }
        _ => {}
    }
}

/// Tables behind those to which they refer; in a cycle in the order of names.
fn in_order(mut tables: BTreeMap<QualifiedName, Table>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let ready = |table: &Table| table.foreign_keys.iter().all(|key| key.references == table.name || !tables.contains_key(&key.references));
        let free: Vec<QualifiedName> = tables.values().filter(|table| ready(table)).map(|table| table.name.clone()).collect();
        let free = if free.is_empty() { tables.keys().next().cloned().into_iter().collect() } else { free };
        ordered.extend(free.iter().filter_map(|name| tables.remove(name)));
    }
    ordered
}
