//! From one Catalog to another: statements that change a database with rows in it, and what they concern.

use std::collections::{BTreeMap, BTreeSet};

use trust_schema::catalog::{Catalog, Id, Kind, Object};
use trust_schema::kinds::statement::Context;
use trust_schema::resolve::Resolution;
use trust_schema::sql::identifier::quote;

/// The statements, and the tables, views and functions to be looked at.
pub struct Delta {
    pub statements: Vec<String>,
    pub concerned: BTreeSet<Id>,
    /// Those of them that changed themselves.
    pub touched: BTreeSet<Id>,
    /// Whether a function finds by another path what it names, or with the rights of somebody else.
    pub shadows: bool,
}

/// # Errors
/// What cannot be changed in place.
pub fn delta(original: &Resolution, changed: &Catalog) -> Result<Delta, String> {
    let roles = original.project.api_roles.iter().map(|role| quote(role).into_owned());
    let revoke_from = std::iter::once("PUBLIC".to_owned()).chain(roles).collect::<Vec<_>>().join(", ");
    let context = |catalog| Context { catalog, revoke_from: &revoke_from, inline: &original.plan().inline };
    let (before, after) = (context(&original.catalog), context(changed));
    let ids: BTreeSet<&Id> = original.catalog.iter().chain(changed.iter()).map(|(id, _)| id).collect();
    let (mut drops, mut makes, mut touched) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut shadows = false;
    for id in ids {
        let (was, is) = (original.catalog.get(id), changed.get(id));
        if was == is || id.kind() == Kind::Comment {
            continue;
        }
        if let (Some(Object::Function(was)), Some(Object::Function(is))) = (was, is) {
            shadows |= was.settings != is.settings || was.security != is.security;
        }
        touched.insert(id.clone());
        touched.extend(was.or(is).into_iter().flat_map(around));
        match (was, is) {
            (Some(was), None) => drops.extend(was.drop(&before)),
            (None, Some(is)) => makes.extend(is.create(&after)),
            (Some(was), Some(is)) => in_place(was, is, &before, &after, &mut drops, &mut makes)?,
            (None, None) => {}
        }
    }
    // What is dropped last was made first.
    drops.reverse();
    drops.extend(makes);
    let concerned = concerned(original, &touched);
    Ok(Delta { statements: drops, concerned, touched, shadows })
}

/// What an object is part of, and what it grants something on.
fn around(object: &Object) -> Vec<Id> {
    match object {
        Object::Trigger(trigger) => [Kind::Table, Kind::View].map(|kind| Id::of(kind, &trigger.table)).to_vec(),
        // What happens to rows there shows here, and the other way round.
        Object::ForeignKey(key) => [&key.table, &key.references].map(|table| Id::of(Kind::Table, table)).to_vec(),
        other => other.parents(),
    }
}

fn in_place(
    was: &Object,
    is: &Object,
    before: &Context<'_>,
    after: &Context<'_>,
    drops: &mut Vec<String>,
    makes: &mut Vec<String>,
) -> Result<(), String> {
    match (was, is) {
        (Object::Function(old), Object::Function(new)) => {
            if old.returns != new.returns {
                return Err("the result of a function changed".to_owned());
            }
            let statement = is.create(after).into_iter().next().unwrap_or_default();
            makes.push(statement.replacen("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1));
        }
        (Object::Table(_), Object::Table(new)) => {
            let on = |is_on: bool, yes: &str, no: &str| if is_on { yes.to_owned() } else { no.to_owned() };
            let rows = on(new.row_level_security, "enable", "disable");
            let force = on(new.force_row_level_security, "force", "no force");
            makes.push(format!("alter table {0} {rows} row level security; alter table {0} {force} row level security;", new.name));
        }
        (Object::Column(old), Object::Column(new)) => {
            let same = (&old.data_type, old.position, &old.generated, old.identity) == (&new.data_type, new.position, &new.generated, new.identity);
            if !same {
                return Err("a column changed its type".to_owned());
            }
            let verb = if new.not_null { "set" } else { "drop" };
            makes.push(format!("alter table {} alter {} {verb} not null;", new.table, quote(&new.name)));
        }
        (Object::Schema(_), _) | (Object::Role(_), _) | (Object::Seed(_), _) | (Object::Schedule(_), _) | (Object::Enum(_), _) => {
            return Err(format!("a {} is not changed in place", was.kind().word()));
        }
        _ => {
            drops.extend(was.drop(before));
            makes.extend(is.create(after));
        }
    }
    Ok(())
}

/// What looks at what changed: the functions that call it, the tables whose policies do, the functions that name a table.
fn concerned(original: &Resolution, touched: &BTreeSet<Id>) -> BTreeSet<Id> {
    let mut callers: BTreeMap<&Id, Vec<&Id>> = BTreeMap::new();
    for (caller, function) in &original.contract.functions {
        for callee in &function.calls {
            callers.entry(callee).or_default().push(caller);
        }
    }
    let mut concerned: BTreeSet<Id> = touched.iter().filter(|id| matches!(id.kind(), Kind::Table | Kind::View | Kind::Function)).cloned().collect();
    let tables: Vec<String> = concerned.iter().filter(|id| id.kind() == Kind::Table).map(|id| id.name().to_owned()).collect();
    for object in original.catalog.objects() {
        if let Object::Function(function) = object
            && tables.iter().any(|table| function.body.contains(table.as_str()))
        {
            concerned.insert(object.id());
        }
    }
    let mut waiting: Vec<Id> = concerned.iter().cloned().collect();
    while let Some(next) = waiting.pop() {
        for caller in callers.get(&next).into_iter().flatten() {
            if concerned.insert((*caller).clone()) {
                waiting.push((*caller).clone());
            }
        }
    }
    let functions: Vec<String> =
        concerned.iter().filter(|id| id.kind() == Kind::Function).map(|id| id.name().split('(').next().unwrap_or_default().to_owned()).collect();
    for object in original.catalog.objects() {
        let Object::Policy(policy) = object else { continue };
        let conditions = policy.using.iter().chain(&policy.check);
        if conditions.into_iter().any(|condition| functions.iter().any(|function| condition.text().contains(function.as_str()))) {
            concerned.insert(Id::of(Kind::Table, &policy.table));
        }
    }
    concerned
}
