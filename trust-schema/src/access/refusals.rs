//! What tables and domains refuse, whoever writes: a check that is dropped is access that somebody gains, although no grant changed.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::diff::{Change, condition};
use crate::catalog::{Catalog, Expression, Id, Kind, Object, QualifiedName};
use crate::kinds::constraint::foreign_key::{Action, ForeignKey};
use crate::kinds::index::{Index, Key};
use crate::kinds::trigger::Trigger;
use crate::plpgsql;
use crate::sql::quoted::quoted;

/// What a table or domain refuses: by keys, checks, unique indexes, columns that are not null, triggers and row-level security.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    pub object: Id,
    pub refused: BTreeMap<Id, String>,
}

/// Of a column that takes NULL: that it is there.
const NOTHING: &str = "nothing";

/// What every table and domain refuses, in the order of objects.
pub fn refusals(catalog: &Catalog) -> Vec<Refusals> {
    refusals_of(catalog, &|_| true)
}

/// As [`refusals`], before and after, but for tables and domains that are the same with all of their parts. `differing` are the objects that are not
/// the same.
pub fn refusals_apart(before: &Catalog, after: &Catalog, differing: &FxHashSet<&Id>) -> [Vec<Refusals>; 2] {
    let objects = differing.iter().flat_map(|id| [before.get(id), after.get(id)]).flatten();
    let otherwise: FxHashSet<&QualifiedName> = objects.filter_map(refusing).collect();
    [before, after].map(|side| refusals_of(side, &|of| otherwise.contains(of)))
}

/// The table or domain that refuses by an object: their names are of one set.
fn refusing(object: &Object) -> Option<&QualifiedName> {
    Some(match object {
        Object::Table(table) => &table.name,
        Object::Domain(domain) => &domain.name,
        Object::Column(column) => &column.table,
        Object::ForeignKey(key) => &key.table,
        Object::Check(check) => &check.table,
        Object::PrimaryKey(key) => &key.table,
        Object::Unique(key) => &key.table,
        Object::Index(index) if index.unique => &index.table,
        Object::Trigger(trigger) => &trigger.table,
        _ => return None,
    })
}

fn refusals_of(catalog: &Catalog, is_wanted: &dyn Fn(&QualifiedName) -> bool) -> Vec<Refusals> {
    let mut tables: BTreeMap<Id, BTreeMap<Id, String>> = BTreeMap::new();
    for (id, entry) in catalog.iter() {
        let Some(of) = refusing(&entry.object).filter(|of| is_wanted(of)) else { continue };
        let of_domain = if let Object::Domain(domain) = &entry.object { Some(domain) } else { None };
        let kind = if of_domain.is_some() { Kind::Domain } else { Kind::Table };
        let refused = tables.entry(Id::of(kind, of)).or_default();
        if let Some(domain) = of_domain {
            let checks = domain.checks.iter().map(|(name, check)| (Id::part(Kind::Check, &domain.name, name), of_check(check)));
            refused.extend(checks);
        }
        refused.insert(id.clone(), refused_by(&entry.object));
    }
    tables.into_iter().map(|(object, refused)| Refusals { object, refused }).collect()
}

/// What an object of those in [`refusing`] refuses, without the checks of a domain.
fn refused_by(object: &Object) -> String {
    match object {
        Object::Table(table) => match (table.row_level_security, table.force_row_level_security) {
            (true, true) => "row-level security, for the owner too".to_owned(),
            (true, false) => "row-level security".to_owned(),
            (false, _) => NOTHING.to_owned(),
        },
        Object::Domain(domain) => not_null(domain.not_null),
        Object::Column(column) => not_null(column.not_null),
        Object::ForeignKey(key) => foreign_key(key),
        Object::Check(check) => of_check(&check.expression),
        Object::PrimaryKey(key) => format!("primary key ({})", key.columns.join(", ")),
        Object::Unique(key) => {
            let nulls = if key.nulls_not_distinct { " nulls not distinct" } else { "" };
            format!("unique{nulls} ({})", key.columns.join(", "))
        }
        Object::Index(index) => unique_index(index),
        Object::Trigger(trigger) => trigger_text(trigger),
        _ => NOTHING.to_owned(),
    }
}

fn not_null(is_demanded: bool) -> String {
    if is_demanded { "not null" } else { NOTHING }.to_owned()
}

fn of_check(check: &Expression) -> String {
    format!("check {}", plpgsql::skeleton::expression(check.text()))
}

fn foreign_key(key: &ForeignKey) -> String {
    let action = |when: &str, action: Action, columns: &[String]| match action {
        Action::NoAction => String::new(),
        action if columns.is_empty() => format!(" on {when} {}", action.label().replace('_', " ")),
        action => format!(" on {when} {} ({})", action.label().replace('_', " "), columns.join(", ")),
    };
    let (columns, there) = (key.columns.join(", "), key.referenced_columns.join(", "));
    format!(
        "({columns}) refer to {} ({there}){}{}",
        key.references,
        action("delete", key.on_delete, &key.delete_columns),
        action("update", key.on_update, &[])
    )
}

fn unique_index(index: &Index) -> String {
    let keys = index.elements.iter().map(|element| match &element.key {
        Key::Column(column) => column.clone(),
        Key::Expression(expression) => plpgsql::skeleton::expression(expression.text()),
    });
    let keys = keys.collect::<Vec<_>>().join(", ");
    let of = index.predicate.as_ref().map(|rows| format!(" where {}", plpgsql::skeleton::expression(rows.text()))).unwrap_or_default();
    let nulls = if index.nulls_not_distinct { " nulls not distinct" } else { "" };
    format!("unique{nulls} ({keys}){of}")
}

fn trigger_text(trigger: &Trigger) -> String {
    let events = trigger.events.iter().map(|event| event.label()).collect::<Vec<_>>().join(" or ");
    let columns = if trigger.update_of.is_empty() { String::new() } else { format!(" of {}", trigger.update_of.join(", ")) };
    let when = trigger.condition.as_ref().map(|when| format!(" when {}", plpgsql::skeleton::expression(when.text()))).unwrap_or_default();
    let arguments = trigger.arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(", ");
    format!("{} {events}{columns}, for each {}{when}: {}({arguments})", trigger.when.label(), trigger.for_each.label(), trigger.function)
}

/// What tables refuse no longer, or otherwise. What they refuse besides lets nobody do more.
pub(super) fn diff_refusals(old: &[Refusals], new: &[Refusals], changes: &mut Vec<Change>) {
    let keyed: BTreeMap<&Id, &BTreeMap<Id, String>> = new.iter().map(|known| (&known.object, &known.refused)).collect();
    for before in old {
        let Some(after) = keyed.get(&before.object) else { continue };
        for (id, was) in &before.refused {
            match after.get(id) {
                // Under another name it refuses the same; and what is gone with its column lets nobody do more.
                None if id.kind() == Kind::Column || after.values().any(|is| is == was) => {}
                None => changes.push(condition(&before.object, format!("refuses no longer what is against `{}`: {was}", id.name()))),
                Some(is) if is != was && was != NOTHING => changes.push(condition(&before.object, format!("`{}` is {is}; before: {was}", id.name()))),
                Some(_) => {}
            }
        }
    }
}
