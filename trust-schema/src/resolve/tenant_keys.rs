//! `[tenancy] composite_keys` and `tenant_led_indexes`: keys that carry the tenant, and indexes that begin with it.
//!
//! PostgreSQL asks no policy whether a row may refer to another. A key that carries the tenant admits references within a tenant alone.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, Id, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::constraint::foreign_key::{Action, ForeignKey};
use crate::kinds::constraint::primary_key::PrimaryKey;
use crate::kinds::constraint::unique::Unique;
use crate::kinds::index::{Index, Key, Method};
use crate::kinds::sequence::Sequence;
use crate::kinds::table::Table;
use crate::kinds::view::View;
use crate::kinds::{Kind, ObjectKind};
use crate::names::{Output, generated_name};
use crate::operations::Tenancy;

/// Makes the keys and indexes that a spec asks for.
pub fn add(output: &mut Output, diagnostics: &mut Vec<Diagnostic>) {
    let Some(tenancy) = output.operations.tenancy.clone() else { return };
    if !tenancy.composite_keys && !tenancy.tenant_led_indexes {
        return;
    }
    let tenants = tenancy.tenant_columns(&output.catalog);
    let mut known = Known::new(&output.catalog);
    if tenancy.composite_keys {
        compose(&tenancy, &tenants, &mut known, output, diagnostics);
    }
    if tenancy.tenant_led_indexes {
        // Keys that now carry the tenant are among those that need one.
        index(&tenancy, &tenants, &mut known, output, diagnostics);
    }
}

fn is_shared(tenancy: &Tenancy, table: &QualifiedName) -> bool {
    tenancy.shared.contains(&Id::of(Kind::Table, table))
}

/// Puts the tenant in front of every key between tables of tenants that does not carry it.
fn compose(tenancy: &Tenancy, tenants: &BTreeMap<QualifiedName, String>, known: &mut Known, output: &mut Output, diagnostics: &mut Vec<Diagnostic>) {
    let mut composed: Vec<ForeignKey> = Vec::new();
    for object in output.catalog.objects() {
        let Object::ForeignKey(key) = object else { continue };
        let (Some(own), Some(other)) = (tenants.get(&key.table), tenants.get(&key.references)) else { continue };
        // A key that uses one of the two for something else is its author's; the rule `foreign-key-crosses-tenants` tells of it.
        let carries = key.columns.contains(own) || key.referenced_columns.contains(other);
        if key.references == tenancy.tenants || carries || is_shared(tenancy, &key.table) || is_shared(tenancy, &key.references) {
            continue;
        }
        let mut key = key.clone();
        if matches!(key.on_delete, Action::SetNull | Action::SetDefault) && key.delete_columns.is_empty() {
            key.delete_columns.clone_from(&key.columns);
        }
        key.columns.insert(0, own.clone());
        key.referenced_columns.insert(0, other.clone());
        composed.push(key);
    }
    for key in composed {
        if let Some(diagnostic) = unsound(&key, output) {
            diagnostics.push(diagnostic);
            continue;
        }
        let id = key.id();
        if !known.is_unique(&key.references, &key.referenced_columns) {
            let table = key.references.clone();
            let parts: Vec<&str> = std::iter::once(&*table.name).chain(key.referenced_columns.iter().map(String::as_str)).chain(["key"]).collect();
            let name = generated_name(&parts);
            let columns = key.referenced_columns.clone();
            let unique = Unique { table: table.clone(), name: name.clone(), columns, include: Vec::new(), nulls_not_distinct: false };
            known.insert(Object::Unique(unique), (&table, &name), &id, output, diagnostics);
        }
        if let Some(Object::ForeignKey(simple)) = output.catalog.get_mut(&id) {
            *simple = key;
        }
    }
}

/// Why a key that carries the tenant would not keep tenants apart, or could not do what it is to do.
fn unsound(key: &ForeignKey, output: &Output) -> Option<Diagnostic> {
    let span = output.origins.get(&key.id())?.span;
    let tenant = key.columns.first()?;
    let id = Id::part(Kind::Column, &key.table, tenant);
    if matches!(output.catalog.get(&id), Some(Object::Column(column)) if !column.not_null) {
        let message =
            format!("`composite_keys` of `[tenancy]`: `{tenant}` of `{}` may be NULL, and PostgreSQL checks no key with NULL in it", key.table);
        let diagnostic = Diagnostic::error(&codes::BAD_FOREIGN_KEY, message, span).help("let the column that names the tenant not be NULL");
        return Some(match output.origins.get(&id) {
            Some(column) => diagnostic.label(column.span, "may be NULL"),
            None => diagnostic,
        });
    }
    if matches!(key.on_update, Action::SetNull | Action::SetDefault) {
        let message =
            format!("`composite_keys` of `[tenancy]`: `on_update = \"{}\"` would set `{tenant}` of `{}` too", key.on_update.label(), key.table);
        return Some(Diagnostic::error(&codes::BAD_FOREIGN_KEY, message, span).help("keys that are made once need no `on_update`; or use `cascade`"));
    }
    None
}

/// Gives every table of tenants an index that begins with the tenant, and every key that carries the tenant one of its own.
fn index(tenancy: &Tenancy, tenants: &BTreeMap<QualifiedName, String>, known: &mut Known, output: &mut Output, diagnostics: &mut Vec<Diagnostic>) {
    let mut orders: BTreeMap<&QualifiedName, Vec<Vec<&str>>> = BTreeMap::new();
    let mut keys: BTreeMap<&QualifiedName, Vec<&ForeignKey>> = BTreeMap::new();
    for object in output.catalog.objects() {
        match object {
            Object::PrimaryKey(key) => orders.entry(&key.table).or_default().push(key.columns.iter().map(String::as_str).collect()),
            Object::Unique(key) => orders.entry(&key.table).or_default().push(key.columns.iter().map(String::as_str).collect()),
            Object::Index(index) if index.method == Method::Btree && index.predicate.is_none() => {
                let columns = index.elements.iter().map_while(|element| match &element.key {
                    Key::Column(column) => Some(column.as_str()),
                    Key::Expression(_) => None,
                });
                orders.entry(&index.table).or_default().push(columns.collect());
            }
            Object::ForeignKey(key) => keys.entry(&key.table).or_default().push(key),
            _ => {}
        }
    }
    let mut made: Vec<(QualifiedName, Vec<String>)> = Vec::new();
    for (table, tenant) in tenants.iter().filter(|(table, _)| **table != tenancy.tenants && !is_shared(tenancy, table)) {
        let mut led: Vec<Vec<&str>> = orders.get(table).cloned().unwrap_or_default();
        for key in keys.get(table).into_iter().flatten().filter(|key| key.columns.len() > 1 && key.columns.contains(tenant)) {
            let serves = |order: &Vec<&str>| {
                let first: BTreeSet<&str> = order.iter().take(key.columns.len()).copied().collect();
                order.len() >= key.columns.len() && first == key.columns.iter().map(String::as_str).collect()
            };
            if !led.iter().any(serves) {
                let rest = key.columns.iter().filter(|column| *column != tenant);
                let columns: Vec<&str> = std::iter::once(tenant).chain(rest).map(String::as_str).collect();
                made.push((table.clone(), columns.iter().map(|column| (*column).to_owned()).collect()));
                led.push(columns);
            }
        }
        if !led.iter().any(|order| order.first() == Some(&tenant.as_str())) {
            made.push((table.clone(), vec![tenant.clone()]));
        }
    }
    for (table, columns) in made {
        let parts: Vec<&str> = std::iter::once(&*table.name).chain(columns.iter().map(String::as_str)).chain(["idx"]).collect();
        let name = generated_name(&parts);
        let index = Index::plain(table.clone(), name.clone(), columns);
        let origin = Id::of(Kind::Table, &table);
        known.insert(Object::Index(index), (&table, &name), &origin, output, diagnostics);
    }
}

/// What there is already of what is made here.
#[derive(Default)]
struct Known {
    /// The columns of primary keys and unique constraints, by table.
    unique: FxHashMap<QualifiedName, Vec<BTreeSet<String>>>,
    /// In a schema tables, indexes and the like share their names.
    names: FxHashMap<(String, String), Id>,
}

impl Known {
    fn new(catalog: &Catalog) -> Known {
        let mut known = Known::default();
        for object in catalog.objects() {
            let (table, name) = match object {
                Object::Table(Table { name, .. }) | Object::View(View { name, .. }) | Object::Sequence(Sequence { name, .. }) => (name, &*name.name),
                Object::Index(Index { table, name, .. }) => (table, name.as_str()),
                Object::PrimaryKey(PrimaryKey { table, name, columns, .. }) | Object::Unique(Unique { table, name, columns, .. }) => {
                    known.unique.entry(table.clone()).or_default().push(columns.iter().cloned().collect());
                    (table, name.as_str())
                }
                _ => continue,
            };
            known.names.insert((table.schema.to_string(), name.to_owned()), object.id());
        }
        known
    }

    /// Whether a constraint holds these columns, and no others: a foreign key may then refer to them.
    fn is_unique(&self, table: &QualifiedName, columns: &[String]) -> bool {
        let wanted: BTreeSet<String> = columns.iter().cloned().collect();
        self.unique.get(table).is_some_and(|known| known.contains(&wanted))
    }

    /// Adds what stands nowhere in the spec, where its table is; `because` is what asked for it.
    fn insert(
        &mut self,
        object: Object,
        (table, name): (&QualifiedName, &str),
        because: &Id,
        output: &mut Output,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Some(origin) = output.origins.get(&Id::of(Kind::Table, table)).cloned() else { return };
        let asked = output.origins.get(because).map_or(origin.span, |asked| asked.span);
        let id = object.id();
        if let Some(taken) = self.names.insert((table.schema.to_string(), name.to_owned()), id.clone()) {
            let message = format!("`[tenancy]` makes {id}, and the name is taken by {taken}");
            diagnostics.push(Diagnostic::error(&codes::DUPLICATE_NAME, message, asked).help("name yours otherwise"));
            return;
        }
        if let Object::Unique(key) = &object {
            self.unique.entry(table.clone()).or_default().push(key.columns.iter().cloned().collect());
        }
        if let Ok(id) = output.catalog.insert(object, BTreeSet::new()) {
            output.origins.insert(id, origin);
        }
    }
}
