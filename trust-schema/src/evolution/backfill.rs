//! Columns that come with a value for the rows that there are: told of an expression over the row.
//!
//! In use, the column comes without NOT NULL; then a range of pages at a time is written, each in a transaction of its own, so that nobody waits
//! for long, and what was interrupted goes on where it stopped; then the rows that others wrote meanwhile, and NOT NULL beside reading and writing.

use super::action::Action;
use super::online::Phased;
use super::{Intent, Manner};
use crate::catalog::{Catalog, Expression, Id, Kind, Object};
use crate::kinds::ObjectKind;
use crate::kinds::alteration::Alteration;
use crate::kinds::column::Column;
use crate::kinds::constraint::check::Check;
use crate::kinds::statement::Context;
use crate::sql::identifier::quote;
use crate::sql::quoted;

/// Pages of 8 kB that one transaction writes.
const PAGES: u32 = 256;

/// Splits the action that adds a column.
pub fn spread(actions: &mut Vec<Action>, intent: &Intent, context: &Context<'_>, manner: Manner) {
    for number in 0..actions.len() {
        let Some(action) = actions.get(number).filter(|action| action.verb == super::Verb::Create) else { continue };
        let (Some(value), Some(Object::Column(column))) = (intent.backfills.get(&action.id), context.catalog.get(&action.id)) else { continue };
        let mut plain = Column { not_null: false, default: None, ..column.clone() };
        let mut statements = Alteration::replace(plain.create(context));
        statements.extend(column.default_set().map(Alteration::catalog));
        plain.default.clone_from(&column.default);
        let rest = format!("UPDATE {} SET {} = ({}) WHERE {1} IS NULL;", column.table, quote(&column.name), value.text());
        match manner {
            Manner::AtOnce => {
                statements.push(Alteration::rewrite(rest));
                if column.not_null {
                    statements.push(Alteration::scan(column.changed("SET NOT NULL")));
                }
                if let Some(action) = actions.get_mut(number) {
                    action.statements = statements;
                }
            }
            Manner::Online => {
                let column = column.clone();
                let value = value.clone();
                online(actions, number, &column, plain, &value, statements, rest);
            }
        }
    }
}

fn online(actions: &mut Vec<Action>, number: usize, column: &Column, plain: Column, value: &Expression, statements: Vec<Alteration>, rest: String) {
    let Some(action) = actions.get_mut(number) else { return };
    action.statements = statements;
    let (needs, still) = (action.needs.clone(), action.still.clone());
    let with = |mut action: Action| {
        action.needs.extend(needs.iter().cloned());
        action.still.extend(still.iter().cloned());
        action
    };
    let mut batches = with(action.later(number, vec![Alteration::scan(batched(column, value))]));
    batches.phased = Phased::Alone;
    let batches_number = actions.len();
    let Some(action) = actions.get(number) else { return };
    let rest = Alteration::scan(rest);
    let mut last = with(action.later(batches_number, Vec::new()));
    last.provides.push(column.id());
    let mut ends = batches_number + 1;
    let mut more = None;
    if column.not_null {
        let (table, name) = (&column.table, quote(&column.name));
        let check_name = super::online::not_null_check(column);
        let check = quote(&check_name).into_owned();
        last.statements.push(Alteration::catalog(format!("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID;")));
        let checked = Check { table: table.clone(), name: check_name, expression: Expression::checked(format!("{name} IS NOT NULL")) };
        // From the check on nobody writes a row without a value: what is left then is the last of them.
        let mut validated = with(action.later(
            ends,
            vec![
                rest,
                Alteration::scan(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check};")),
                Alteration::catalog(column.changed("SET NOT NULL")),
                Alteration::catalog(format!("ALTER TABLE {table} DROP CONSTRAINT {check};")),
            ],
        ));
        validated.provides.push(column.id());
        ends += 1;
        last.meanwhile.push((Object::Check(checked), ends));
        more = Some(validated);
    } else {
        last.statements.push(rest);
    }
    if let Some(action) = actions.get_mut(number) {
        action.meanwhile.push((Object::Column(plain), ends));
    }
    actions.push(batches);
    actions.push(last);
    actions.extend(more);
}

/// A block that writes rows without a value, some pages at a time. Run again, it passes over what has one.
fn batched(column: &Column, value: &Expression) -> String {
    let Column { table, name, .. } = column;
    let name = quote(name);
    let relation = quoted::quoted(&table.to_string());
    let body = format!(
        "\nDECLARE\n  pages bigint := pg_catalog.pg_relation_size({relation}) / pg_catalog.current_setting('block_size')::bigint;\n  page bigint := 0;\nBEGIN\n  WHILE page <= pages LOOP\n    UPDATE {table} SET {name} = ({})\n    WHERE ctid >= pg_catalog.format('(%s,0)', page)::tid AND ctid < pg_catalog.format('(%s,0)', page + {PAGES})::tid AND {name} IS NULL;\n    COMMIT;\n    page := page + {PAGES};\n  END LOOP;\nEND\n",
        value.text()
    );
    format!("DO {};", quoted::dollar_quoted(&body, "backfill"))
}

/// What an expression names: columns of its table that go, and functions.
pub fn named(value: &Expression, column: &Column, before: &Catalog, after: &Catalog) -> (Vec<Id>, Vec<Id>) {
    let mut words = std::collections::BTreeSet::new();
    super::mention::words(value.text(), &mut words);
    let columns = words.iter().map(|word| Id::part(Kind::Column, &column.table, word));
    let functions = |catalog: &Catalog| -> Vec<Id> {
        let named = catalog.iter().filter(|(_, entry)| matches!(&entry.object, Object::Function(function) if words.contains(&*function.name.name)));
        named.map(|(id, _)| id.clone()).collect()
    };
    let still = columns.clone().filter(|id| before.contains(id)).chain(functions(before)).collect();
    let needs = columns.filter(|id| after.contains(id) && *id != column.id()).chain(functions(after)).collect();
    (needs, still)
}
