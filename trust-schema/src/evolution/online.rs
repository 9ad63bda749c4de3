//! Changes of tables in use: no lock is held while rows are read.
//!
//! Sources: PostgreSQL's manual, CREATE INDEX ("Building Indexes Concurrently"), ALTER TABLE (ADD CONSTRAINT … NOT VALID, VALIDATE CONSTRAINT,
//! USING INDEX, SET NOT NULL beside a valid check).

use rustc_hash::FxHashSet;

use super::Verb;
use super::action::{Action, table_of};
use crate::catalog::{Catalog, Expression, Id, Kind, Object};
use crate::kinds::alteration::{Alteration, Work};
use crate::kinds::column::Column;
use crate::kinds::constraint::check::Check;
use crate::kinds::index::{Element, Index, Key, Method};
use crate::kinds::statement::name_list;
use crate::sql::identifier::quote;

/// In what kind of transaction an action runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phased {
    Transaction,
    /// By itself: PostgreSQL refuses it inside a transaction.
    Alone,
}

/// Splits actions on tables that are there already.
pub fn spread(actions: &mut Vec<Action>, catalog: &Catalog, fresh: &FxHashSet<Id>) {
    for number in 0..actions.len() {
        let Some(action) = actions.get(number) else { continue };
        if table_of(action, catalog).is_none_or(|table| fresh.contains(&table)) {
            continue;
        }
        let object = catalog.get(&action.id);
        match (action.verb, object) {
            (Verb::Create, Some(Object::Index(_))) => concurrently(actions, number),
            (Verb::Create, Some(Object::PrimaryKey(_) | Object::Unique(_))) => key(actions, number, catalog),
            (Verb::Create, Some(Object::Check(_) | Object::ForeignKey(_))) => validated_later(actions, number, catalog),
            (Verb::Alter, Some(Object::Column(_))) => not_null_later(actions, number, catalog),
            _ => {}
        }
    }
}

fn concurrently(actions: &mut [Action], number: usize) {
    let Some(action) = actions.get_mut(number) else { return };
    action.phased = Phased::Alone;
    for statement in &mut action.statements {
        statement.sql = statement.sql.replacen(" INDEX ", " INDEX CONCURRENTLY ", 1);
        statement.work = Work::Scan;
    }
}

/// The index first, then the constraint that takes it over.
fn key(actions: &mut Vec<Action>, number: usize, catalog: &Catalog) {
    let Some(action) = actions.get(number).cloned() else { return };
    let (table, name, columns, include, distinct, word) = match catalog.get(&action.id) {
        Some(Object::PrimaryKey(key)) => (&key.table, &key.name, &key.columns, [].as_slice(), "", "PRIMARY KEY"),
        Some(Object::Unique(key)) => {
            let distinct = if key.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
            (&key.table, &key.name, &key.columns, key.include.as_slice(), distinct, "UNIQUE")
        }
        _ => return,
    };
    let include = if include.is_empty() { String::new() } else { format!(" INCLUDE ({})", name_list(include)) };
    let name = quote(name);
    let sql = format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({}){include}{distinct};", name_list(columns));
    let index = Action { statements: vec![Alteration::scan(sql)], phased: Phased::Alone, provides: Vec::new(), ..action.clone() };
    let index_number = actions.len();
    let made = index_of(catalog.get(&action.id));
    actions.push(Action { meanwhile: made.into_iter().map(|index| (index, number)).collect(), ..index });
    let take_over = format!("ALTER TABLE {table} ADD CONSTRAINT {name} {word} USING INDEX {name};");
    if let Some(action) = actions.get_mut(number) {
        action.statements = vec![Alteration::catalog(take_over)];
        action.behind = Some(index_number);
    }
}

/// The index that a key takes over, as an object of its own.
fn index_of(key: Option<&Object>) -> Option<Object> {
    let (table, name, columns, include, nulls_not_distinct) = match key {
        Some(Object::PrimaryKey(key)) => (&key.table, &key.name, &key.columns, Vec::new(), false),
        Some(Object::Unique(key)) => (&key.table, &key.name, &key.columns, key.include.clone(), key.nulls_not_distinct),
        _ => return None,
    };
    let elements = columns.iter().map(|column| Element::ascending(Key::Column(column.clone())));
    Some(Object::Index(Index {
        table: table.clone(),
        name: name.clone(),
        method: Method::Btree,
        unique: true,
        nulls_not_distinct,
        elements: elements.collect(),
        include,
        predicate: None,
    }))
}

/// New rows are checked at once, those that are there in a transaction of its own.
fn validated_later(actions: &mut Vec<Action>, number: usize, catalog: &Catalog) {
    let Some(action) = actions.get_mut(number) else { return };
    let (table, name) = match catalog.get(&action.id) {
        Some(Object::Check(check)) => (&check.table, &check.name),
        Some(Object::ForeignKey(key)) => (&key.table, &key.name),
        _ => return,
    };
    for statement in &mut action.statements {
        statement.sql = format!("{} NOT VALID;", statement.sql.trim_end_matches(';'));
    }
    let mut validation = Action {
        verb: Verb::Alter,
        statements: vec![Alteration::scan(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {};", quote(name)))],
        needs: Vec::new(),
        still: Vec::new(),
        provides: Vec::new(),
        removes: Vec::new(),
        ..action.clone()
    };
    validation.behind = Some(number);
    actions.push(validation);
}

/// A check that is validated beside reading and writing spares SET NOT NULL its scan.
fn not_null_later(actions: &mut Vec<Action>, number: usize, catalog: &Catalog) {
    let Some(action) = actions.get_mut(number) else { return };
    let Some(Object::Column(column)) = catalog.get(&action.id) else { return };
    let Some(place) = action.statements.iter().position(|statement| statement.sql.ends_with(" SET NOT NULL;")) else { return };
    // A column that becomes an identity must be NOT NULL first.
    if column.identity.is_some() {
        return;
    }
    let (table, name) = (&column.table, quote(&column.name));
    let check_name = format!("{}_is_not_null", column.name.chars().take(40).collect::<String>());
    let check = quote(&check_name).into_owned();
    let set = action.statements.remove(place);
    action.statements.push(Alteration::catalog(format!("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID;")));
    let mut later = Action {
        statements: vec![Alteration::scan(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check};"))],
        needs: Vec::new(),
        still: Vec::new(),
        provides: Vec::new(),
        removes: Vec::new(),
        ..action.clone()
    };
    later.behind = Some(number);
    let nullable = Object::Column(Column { not_null: false, ..column.clone() });
    let checked = Expression::checked(format!("{name} IS NOT NULL"));
    let checked = Object::Check(Check { table: table.clone(), name: check_name, expression: checked });
    later.statements.push(Alteration::catalog(set.sql));
    later.statements.push(Alteration::catalog(format!("ALTER TABLE {table} DROP CONSTRAINT {check};")));
    // A primary key that is made of the column waits for it.
    later.provides.push(Id::part(Kind::Column, table, &column.name));
    let ends = actions.len();
    actions.push(later);
    if let Some(action) = actions.get_mut(number) {
        action.meanwhile = vec![(nullable, ends), (checked, ends)];
    }
}
