//! Changes of tables in use: no lock is held while rows are read.
//!
//! Sources: PostgreSQL's manual, CREATE INDEX ("Building Indexes Concurrently"), ALTER TABLE (ADD CONSTRAINT … NOT VALID, VALIDATE CONSTRAINT,
//! USING INDEX, SET NOT NULL beside a valid check).

use rustc_hash::FxHashSet;

use super::action::{Action, table_of};
use super::{Side, Verb};
use crate::catalog::{Catalog, Expression, Id, Kind, Object, QualifiedName};
use crate::kinds::ObjectKind;
use crate::kinds::alteration::Alteration;
use crate::kinds::column::Column;
use crate::kinds::constraint::check::Check;
use crate::kinds::index::Index;
use crate::sql::identifier::quote;

/// In what kind of transaction an action runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phased {
    Transaction,
    /// By itself: PostgreSQL refuses it inside a transaction.
    Alone,
}

/// Splits actions on tables that are there already.
pub fn spread(actions: &mut Vec<Action>, after: Side<'_>, fresh: &FxHashSet<&Id>) {
    let catalog = after.catalog;
    for number in 0..actions.len() {
        let Some(action) = actions.get(number) else { continue };
        if table_of(action, catalog).is_none_or(|table| fresh.contains(&table)) {
            continue;
        }
        let object = catalog.get(&action.id);
        match (action.verb, object) {
            (Verb::Create, Some(Object::Index(_))) => {
                if let Some(action) = actions.get_mut(number) {
                    action.phased = Phased::Alone;
                    action.statements = concurrently(std::mem::take(&mut action.statements));
                }
            }
            (Verb::Create, Some(Object::PrimaryKey(key))) => {
                let index = index(&key.table, &key.name, &key.columns);
                take_over(actions, number, index, "PRIMARY KEY", after);
            }
            (Verb::Create, Some(Object::Unique(key))) => {
                let index =
                    Index { include: key.include.clone(), nulls_not_distinct: key.nulls_not_distinct, ..index(&key.table, &key.name, &key.columns) };
                take_over(actions, number, index, "UNIQUE", after);
            }
            (Verb::Create, Some(Object::Check(_) | Object::ForeignKey(_))) => validated_later(actions, number, catalog),
            (Verb::Alter, Some(Object::Column(_))) => not_null_later(actions, number, catalog),
            _ => {}
        }
    }
}

/// CREATE INDEX beside reading and writing.
fn concurrently(statements: Vec<Alteration>) -> Vec<Alteration> {
    statements.into_iter().map(|statement| Alteration::scan(statement.sql.replacen(" INDEX ", " INDEX CONCURRENTLY ", 1))).collect()
}

/// The index first, then the constraint that takes it over.
fn take_over(actions: &mut Vec<Action>, number: usize, index: Index, word: &str, after: Side<'_>) {
    let index_number = actions.len();
    let Some(action) = actions.get_mut(number) else { return };
    let (table, name) = (&index.table, quote(&index.name));
    let statement = format!("ALTER TABLE {table} ADD CONSTRAINT {name} {word} USING INDEX {name};");
    let made = Action {
        statements: concurrently(Alteration::replace(index.create(after.context))),
        phased: Phased::Alone,
        provides: Vec::new(),
        meanwhile: vec![(Object::Index(index.clone()), number)],
        ..action.clone()
    };
    action.statements = vec![Alteration::catalog(statement)];
    action.behind = Some(index_number);
    actions.push(made);
}

/// The index that a key takes over.
fn index(table: &QualifiedName, name: &str, columns: &[String]) -> Index {
    Index { unique: true, ..Index::plain(table.clone(), name.to_owned(), columns.iter().cloned()) }
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
        *statement = Alteration::catalog(format!("{} NOT VALID;", statement.sql.trim_end_matches(';')));
    }
    let validation = action.later(number, vec![Alteration::scan(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {};", quote(name)))]);
    actions.push(validation);
}

/// The name of the check that stands for NOT NULL until every row has been read.
pub fn not_null_check(column: &Column) -> String {
    format!("{}_is_not_null", column.name.chars().take(40).collect::<String>())
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
    let check_name = not_null_check(column);
    let check = quote(&check_name).into_owned();
    let set = action.statements.remove(place);
    action.statements.push(Alteration::catalog(format!("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID;")));
    let mut later = action.later(
        number,
        vec![
            Alteration::scan(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check};")),
            Alteration::catalog(set.sql),
            Alteration::catalog(format!("ALTER TABLE {table} DROP CONSTRAINT {check};")),
        ],
    );
    let nullable = Object::Column(Column { not_null: false, ..column.clone() });
    let checked = Expression::checked(format!("{name} IS NOT NULL"));
    let checked = Object::Check(Check { table: table.clone(), name: check_name, expression: checked });
    // A primary key that is made of the column waits for it.
    later.provides.push(Id::part(Kind::Column, table, &column.name));
    let ends = actions.len();
    actions.push(later);
    if let Some(action) = actions.get_mut(number) {
        action.meanwhile = vec![(nullable, ends), (checked, ends)];
    }
}
