//! Attributes of composite types that come and go.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::action::{Action, Making};
use super::holding::{Holding, domains};
use super::mention::{names, words};
use super::rebuild::Change;
use super::refusal::{Refused, Why};
use super::{Intent, Verb};
use crate::catalog::{Catalog, Id, Kind, Object};
use crate::kinds::alteration::Alteration;
use crate::kinds::composite::Composite;
use crate::kinds::domain::Domain;

/// Words with which a condition tells NULL from a value. A function of the spec may do so, too.
const TELLS_NULL: [&str; 22] = [
    "is",
    "isnull",
    "notnull",
    "coalesce",
    "case",
    "num_nulls",
    "num_nonnulls",
    "concat",
    "concat_ws",
    "greatest",
    "least",
    "format",
    "row",
    "array",
    "json_build_object",
    "jsonb_build_object",
    "json_build_array",
    "jsonb_build_array",
    "to_json",
    "to_jsonb",
    "quote_nullable",
    "unnest",
];

/// Attributes of a composite type that go: their names, and identities as of columns.
fn gone(id: &Id, before: &Catalog, after: &Catalog) -> Vec<(String, Id)> {
    let (Some(Object::Composite(before)), Some(Object::Composite(after))) = (before.get(id), after.get(id)) else { return Vec::new() };
    before.without(after).map(|(name, _)| (name.clone(), Id::part(Kind::Column, &before.name, name))).collect()
}

/// Whatever named an attribute that goes is changed, or gone, before it goes: PostgreSQL keeps what views and the like name of a type. What rows get
/// is read before it goes.
pub fn hold(actions: &mut Vec<Action>, before: &Catalog, after: &Catalog, intent: &Intent) {
    let mut attributes: FxHashMap<String, Vec<Id>> = FxHashMap::default();
    let mut anew: FxHashMap<String, Vec<Id>> = FxHashMap::default();
    let mut by_type: FxHashMap<Id, Vec<Id>> = FxHashMap::default();
    for action in actions.iter().filter(|action| action.id.kind() == Kind::Composite && !action.removes.is_empty()) {
        for (name, attribute) in gone(&action.id, before, after) {
            if action.removes.contains(&attribute) {
                by_type.entry(action.id.clone()).or_default().push(attribute.clone());
                attributes.entry(name).or_default().push(attribute);
            } else if action.removes.contains(&action.id) {
                anew.entry(name).or_default().push(action.id.clone());
            }
        }
    }
    if attributes.is_empty() && anew.is_empty() {
        return;
    }
    let named = |names: &BTreeSet<String>| -> Vec<Id> { names.iter().filter_map(|name| attributes.get(name)).flatten().cloned().collect() };
    hold_for_rows(actions, (before, after), intent, &named, &anew);
    // PostgreSQL knows nothing of what is in the text of a function, and looks at what it returns when it is written.
    for action in actions.iter_mut().filter(|action| action.id.kind() == Kind::Function && action.verb != Verb::Drop) {
        let attributes = after.needs(&action.id).filter_map(|need| by_type.get(need)).flatten().cloned();
        let attributes: Vec<Id> = attributes.collect();
        action.needs.extend(attributes);
    }
    // What is created anew names what is there then.
    for number in 0..actions.len() {
        let is_held = |action: &&mut Action| !matches!(action.id.kind(), Kind::Composite | Kind::Function) && action.verb != Verb::Create;
        let Some(action) = actions.get_mut(number).filter(is_held) else { continue };
        let Some(object) = before.get(&action.id) else { continue };
        action.still.extend(named(&names(object)));
        let by_default = named(&names_of_values(object));
        action.still.extend(by_default.iter().cloned());
        let again = default_set_again(action, &by_default);
        actions.extend(again);
    }
}

/// What rows get is read while there are the attributes that it names; of a type that is made anew, before that.
fn hold_for_rows(
    actions: &mut [Action],
    (before, after): (&Catalog, &Catalog),
    intent: &Intent,
    named: &dyn Fn(&BTreeSet<String>) -> Vec<Id>,
    anew: &FxHashMap<String, Vec<Id>>,
) {
    let mut holding = None;
    for action in actions.iter_mut().filter(|action| action.id.kind() == Kind::Column) {
        let value = intent.backfills.get(&action.id).or_else(|| intent.conversions.get(&action.id));
        let (Some(value), Some(Object::Column(column))) = (value, after.get(&action.id)) else { continue };
        let mut names = BTreeSet::new();
        words(value.text(), &mut names);
        action.still.extend(named(&names));
        let is_of_table = |holder: &Id| matches!(before.get(holder), Some(Object::Column(other)) if other.table == column.table);
        for id in names.iter().filter_map(|name| anew.get(name)).flatten() {
            let holding = holding.get_or_insert_with(|| Holding::new(before));
            if holding.columns(id).into_keys().any(is_of_table) {
                action.still.push(id.clone());
            }
        }
    }
}

/// Names in defaults, and in conditions of domains.
fn names_of_values(object: &Object) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match object {
        Object::Column(column) => column.default.iter().for_each(|default| words(default.text(), &mut found)),
        Object::Domain(domain) => {
            let checks = domain.checks.iter().map(|(_, check)| check);
            domain.default.iter().chain(checks).for_each(|expression| words(expression.text(), &mut found));
        }
        _ => {}
    }
    found
}

/// A default that named attributes goes before them; the new one may be one that the type takes without them.
fn default_set_again(action: &mut Action, attributes: &[Id]) -> Option<Action> {
    if action.id.kind() != Kind::Column || attributes.is_empty() {
        return None;
    }
    let place = action.statements.iter().position(|statement| statement.sql.contains(" SET DEFAULT "))?;
    let sets = action.statements.remove(place);
    if !action.statements.iter().any(|statement| statement.sql.ends_with(" DROP DEFAULT;")) {
        let (column, _) = sets.sql.split_once(" SET DEFAULT ")?;
        action.statements.insert(0, Alteration::catalog(format!("{column} DROP DEFAULT;")));
    }
    let mut again = Action::new(&action.id, Verb::Alter, vec![sets]);
    again.needs.clone_from(&action.needs);
    again.needs.extend(attributes.iter().cloned());
    again.provides.clone_from(&action.provides);
    Some(again)
}

impl Making<'_, '_> {
    /// Attributes go behind everything that could have named them and does not any more; their types go behind them. Also what the type is until
    /// then, and the action, by its number, that ends that.
    pub fn drop_attributes(&mut self, id: &Id, statements: Vec<Alteration>) -> Option<(Object, usize)> {
        let (before, after) = (self.before.catalog, self.after.catalog);
        let gone: Vec<Id> = gone(id, before, after).into_iter().map(|(_, attribute)| attribute).collect();
        let mut action = Action::new(id, Verb::Alter, statements);
        action.needs = vec![id.clone()];
        action.still = self.needs(id, self.before, &self.old_keys);
        action.provides.clone_from(&gone);
        action.removes = gone;
        let number = self.actions.len();
        self.actions.push(action);
        let (Some(Object::Composite(old)), Some(Object::Composite(new))) = (before.get(id), after.get(id)) else { return None };
        let mut attributes = old.attributes.clone();
        attributes.extend(new.attributes.iter().filter(|attribute| !old.attributes.contains(attribute)).cloned());
        Some((Object::Composite(Composite { name: new.name.clone(), attributes }), number))
    }

    /// Attributes that come to values which columns hold are NULL in these: no domain may refuse that. PostgreSQL does not look at it where the
    /// attribute is added in place, but whoever restores a dump of such a row would be told.
    pub fn attributes_without_values(&mut self, holding: &Holding<'_>) {
        let (before, after) = (self.before.catalog, self.after.catalog);
        for (id, change) in &self.changes.by_id {
            let (Some(Object::Composite(old)), Some(Object::Composite(new))) = (before.get(id), after.get(id)) else { continue };
            if !matches!(change, Change::Alter(_) | Change::Replace) {
                continue;
            }
            for (name, domain) in new.without(old).filter_map(|(name, written)| Some((name, refusing_null(after, written, id)?))) {
                for column in holding.columns(id).into_keys().filter(|column| before.contains(column)) {
                    if !self.is(column, |change| matches!(change, Change::Rebuild)) {
                        let why = Why::NoValue { attribute: name.clone(), domain: domain.clone() };
                        self.refused.push(Refused { column: column.clone(), made: (*id).clone(), why });
                    }
                }
            }
        }
    }
}

/// The domain, beneath an attribute's type or that itself, that refuses NULL, or may.
fn refusing_null<'c>(catalog: &'c Catalog, written: &'c str, holder: &Id) -> Option<&'c Id> {
    let mut values = domains(catalog, written, holder).take_while(|(.., is_array)| !is_array);
    values.find(|(id, domain, _)| tells_null(domain, id, catalog)).map(|(id, ..)| id)
}

fn tells_null(domain: &Domain, id: &Id, catalog: &Catalog) -> bool {
    let mut named = BTreeSet::new();
    domain.checks.iter().for_each(|(_, check)| words(check.text(), &mut named));
    let calls = || catalog.needs(id).any(|need| need.kind() == Kind::Function);
    domain.not_null || TELLS_NULL.iter().any(|word| named.contains(*word)) || !domain.checks.is_empty() && calls()
}
