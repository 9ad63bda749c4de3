//! Foreign keys and cascades across tenants. PostgreSQL asks no policy about them, so the keys themselves must keep tenants apart.

use super::reading::is_row;
use crate::kinds::ObjectKind;
use crate::kinds::constraint::foreign_key::ForeignKey;
use crate::live::Error;
use crate::live::attack::field::{Field, Try};
use crate::live::attack::tables::Table;
use crate::live::attack::verdict::{Attempt, Verdict};
use crate::live::attack::world::{Row, Side};
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// A row of tenant A is made to refer to each table's rows of tenant B, and rows of tenant A are deleted: as the operator, whom no privilege stops.
pub async fn attack(field: &Field<'_>, attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    for table in field.tables.all.iter().filter(|table| field.focus.has(&table.id)) {
        references(field, table, attempts).await?;
        cascade(field, table, attempts).await?;
    }
    Ok(())
}

async fn references(field: &Field<'_>, table: &Table, attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    let tenant = field.tables.owner_column(table, &field.tables.tenancy.tenants);
    for key in &table.foreign_keys {
        let Some(parent) = field.tables.get(&key.references) else { continue };
        if parent.shared
            || parent.name == field.tables.tenancy.tenants
            || field.tables.owner_expression(parent, &field.tables.tenancy.tenants, "t").is_none()
        {
            continue;
        }
        let mine = field.world.rows_of(&table.name, Some(Side::Own)).next();
        let theirs = field.world.rows_of(&parent.name, Some(Side::Foreign)).next();
        let (Some(mine), Some(theirs)) = (mine, theirs) else { continue };
        // The tenant's own column stays: the row remains tenant A's.
        let pairs: Vec<(&String, &String)> =
            key.columns.iter().zip(&key.referenced_columns).filter(|(here, _)| Some(*here) != tenant.as_ref()).collect();
        let set = |(here, there): &(&String, &String)| Some(format!("{} = {}", quote(here), quoted(theirs.values.get(*there)?.as_deref()?)));
        // All columns at once, and each alone: a second key may check some of them.
        let all: Vec<String> = pairs.iter().filter_map(set).collect();
        let alone = all.iter().map(|one| vec![one.clone()]).filter(|_| all.len() > 1);
        for set in std::iter::once(all.clone()).chain(alone) {
            reference(field, table, key, mine, &set, attempts).await?;
        }
    }
    Ok(())
}

async fn reference(field: &Field<'_>, table: &Table, key: &ForeignKey, mine: &Row, set: &[String], attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    let statement = format!("update {} as t set {} where {}; set constraints all immediate", table.name, set.join(", "), is_row(table, mine));
    let object = key.id().to_string();
    let attempt = Try { identity: &field.operator, form: "reference to a row of tenant B", object: &object, statement: &statement };
    let (outcome, _) = field.run(&field.operator, &statement).await?;
    // The same with what the row has already: it must be accepted.
    let keep: Vec<String> = key.columns.iter().map(|here| format!("{0} = t.{0}", quote(here))).collect();
    let control = format!("update {} as t set {} where {}; set constraints all immediate", table.name, keep.join(", "), is_row(table, mine));
    let control = field.session.attempt(&field.operator, &control).await?;
    let verdict = match &outcome.error {
        None => Verdict::Leak("a row of tenant A refers to a row of tenant B: the key does not carry the tenant".to_owned()),
        Some(said) if said.sqlstate == "23503" && control.succeeded() => Verdict::Denied,
        // An append-only table refuses every UPDATE: an INSERT is what remains, and the same key checks it.
        Some(_) => inserted(field, table, mine, set).await?,
    };
    attempts.push(attempt.end(verdict, &outcome));
    Ok(())
}

/// The row of tenant A once more, with the reference changed.
async fn inserted(field: &Field<'_>, table: &Table, mine: &Row, set: &[String]) -> Result<Verdict, Error> {
    let copy = format!(
        "create temp table own_copy as select * from {0} as t where {1}; update pg_temp.own_copy set {2}; insert into {0} overriding user value select * from pg_temp.own_copy on conflict do nothing; set constraints all immediate",
        table.name,
        is_row(table, mine),
        set.join(", ")
    );
    let outcome = field.session.attempt(&field.operator, &copy).await?;
    Ok(match &outcome.error {
        Some(said) if said.sqlstate == "23503" => Verdict::Denied,
        Some(said) => Verdict::Unreliable(format!("stopped by something else than the key: {}", said.message)),
        None => Verdict::Unreliable("neither an UPDATE nor an INSERT tried the key".to_owned()),
    })
}

async fn cascade(field: &Field<'_>, table: &Table, attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    let Some(mine) = field.world.rows_of(&table.name, Some(Side::Own)).next() else { return Ok(()) };
    let statement = format!("delete from {} as t where {}", table.name, is_row(table, mine));
    let object = table.id.to_string();
    let attempt = Try { identity: &field.operator, form: "DELETE of a row of tenant A", object: &object, statement: &statement };
    let (outcome, damage) = field.run(&field.operator, &statement).await?;
    let verdict = match (&outcome.error, damage.first()) {
        (_, Some(damage)) => Verdict::Leak(format!("deleting a row of tenant A: {damage}")),
        (None, None) if outcome.affected == 1 => Verdict::Denied,
        (None, None) => Verdict::Unreliable("the row of tenant A was not found".to_owned()),
        // RESTRICT, or an append-only table: nothing was deleted, of nobody.
        (Some(_), None) => Verdict::Denied,
    };
    attempts.push(attempt.end(verdict, &outcome));
    Ok(())
}
