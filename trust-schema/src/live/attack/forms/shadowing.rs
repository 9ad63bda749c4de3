//! Tables, types and functions of the attacker's in pg_temp, with the names of those that functions use: what runs as the owner must not see them.

use super::super::canonical;
use super::super::world::{Call, Dictionary, Side, callable};
use crate::kinds::ObjectKind;
use crate::live::Error;
use crate::live::attack::field::{Field, Try};
use crate::live::attack::identity::{self, Identity};
use crate::live::attack::session::Outcome;
use crate::live::attack::verdict::{Attempt, Verdict};
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// Calls everything that the identity may call, first without and then behind shadows.
pub async fn attack(field: &Field<'_>, identity: &Identity, attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    let shadows = shadows(field);
    for function in callable(field.resolution, &identity.role).filter(|function| field.focus.has(&function.id())) {
        let theirs = Dictionary { tables: field.tables, world: field.world, side: Side::Foreign, caller: Side::Own };
        let own = field.controls.get(&(Side::Own, function.id(), identity.role.clone())).map(|(_, call)| call.clone());
        let controlled = own.is_some();
        let calls: Vec<Call> = own.into_iter().chain(theirs.calls(function).into_iter().take(2)).collect();
        for call in calls {
            let statement = call.sql();
            let (plain, _) = field.run(identity, &statement).await?;
            field.set_sequences_back().await?;
            let shadowed = answer(field, identity, &shadows, &statement).await?;
            field.set_sequences_back().await?;
            let object = function.id().to_string();
            let attempt = Try { identity, form: "objects in pg_temp with the names of ours", object: &object, statement: &statement };
            let Answer { outcome, damage, touched } = match shadowed {
                Ok(answer) => answer,
                Err(why) => {
                    attempts.push(attempt.end(Verdict::Unreliable(why), &Outcome::default()));
                    continue;
                }
            };
            let leak = field.leak(identity, &outcome, &damage, &statement);
            let verdict = if let Some(leak) = leak.filter(|_| !identity::is_trusted(&identity.role)) {
                Verdict::Leak(leak)
            } else if touched {
                Verdict::Leak("the function has written into a table of the attacker's in pg_temp".to_owned())
            } else if canonical::text(&outcome.text()) != canonical::text(&plain.text()) {
                Verdict::Leak(format!("tables of the attacker's in pg_temp change the answer: {} / {}", plain.text().trim(), outcome.text().trim()))
            } else if controlled {
                Verdict::Denied
            } else {
                Verdict::Unreliable("no call of it has succeeded without shadows".to_owned())
            };
            attempts.push(attempt.end(verdict, &outcome));
        }
    }
    Ok(())
}

/// The outcome of a call.
struct Answer {
    outcome: Outcome,
    /// What it did to others.
    damage: Vec<String>,
    /// Whether it wrote into a shadow.
    touched: bool,
}

/// A call behind shadows; or why they could not be made.
async fn answer(field: &Field<'_>, identity: &Identity, before: &str, statement: &str) -> Result<Result<Answer, String>, Error> {
    field.session.begin(identity).await?;
    let made = field.session.run(before).await?;
    if let Some(said) = made.error {
        field.session.end().await?;
        return Ok(Err(format!("the shadows could not be made: {}", said.message)));
    }
    let count = "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text from pg_stat_xact_user_tables where schemaname ~ '^pg_temp'";
    let before = field.session.query(count, "count writes to temporary tables").await?;
    let outcome = field.session.run(statement).await?;
    let (mut damage, mut touched) = (Vec::new(), false);
    if outcome.succeeded() {
        touched = field.session.query(count, "count writes to temporary tables").await? != before;
        field.session.as_administrator().await?;
        damage = field.world.damage(&field.session, field.tables).await?;
    }
    field.session.end().await?;
    Ok(Ok(Answer { outcome, damage, touched }))
}

/// Statements that make a shadow of every table, with the rows of tenant B in the name of the attacker, and of the functions and types that
/// expressions use.
fn shadows(field: &Field<'_>) -> String {
    let mut sql = String::new();
    let me = field.world.side(Side::Own).users.first().cloned().unwrap_or_default();
    for table in &field.tables.all {
        let columns: Vec<String> = table.columns.iter().map(|column| format!("{} {}", quote(&column.name), usable(&column.data_type))).collect();
        let shadow = format!("pg_temp.{}", quote(&table.name.name));
        sql.push_str(&format!("create temp table {} ({});\n", quote(&table.name.name), columns.join(", ")));
        for row in field.world.rows_of(&table.name, if table.shared { None } else { Some(Side::Foreign) }).take(6) {
            let values: Vec<String> = table
                .columns
                .iter()
                .map(|column| match row.values.get(&column.name).and_then(Option::as_ref) {
                    Some(value) if field.world.side(Side::Foreign).users.contains(value) => quoted(&me),
                    Some(value) => quoted(value),
                    None => "null".to_owned(),
                })
                .collect();
            sql.push_str(&format!("insert into {shadow} values ({});\n", values.join(", ")));
        }
        sql.push_str(&format!("grant all on {shadow} to public;\n"));
    }
    sql.push_str(
        "create function pg_temp.now() returns timestamptz language sql as $$select '1970-01-01'::timestamptz$$;
         create function pg_temp.uid() returns uuid language sql as $$select null::uuid$$;
         create function pg_temp.lower(text) returns text language sql as $$select 'shadow'$$;
         create operator pg_temp.= (leftarg = text, rightarg = text, function = pg_catalog.textne);
         create temp view pg_class as select 1 as oid;
         create temp view pg_proc as select 1 as oid;
         create domain pg_temp.uuid as pg_catalog.text;
         create domain pg_temp.text as pg_catalog.varchar;
         set local search_path = pg_temp, public;\n",
    );
    sql
}

/// Types in schemas that the role may not use are of no use in a table of its own.
fn usable(data_type: &str) -> &str {
    if data_type.contains('.') { "text" } else { data_type }
}
