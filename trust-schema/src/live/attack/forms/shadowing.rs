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
    let shadows = shadows(field, identity);
    for function in callable(field.resolution, &identity.role) {
        let theirs = Dictionary { tables: &field.tables, world: &field.world, side: Side::Foreign };
        let own = field.controls.get(&(Side::Own, function.id(), identity.role.clone())).map(|(_, call)| call.clone());
        let controlled = own.is_some();
        let calls: Vec<Call> = own.into_iter().chain(theirs.calls(function).into_iter().take(2)).collect();
        for call in calls {
            let statement = call.sql();
            let plain = answer(field, identity, "", &statement).await?;
            let shadowed = answer(field, identity, &shadows, &statement).await?;
            let object = function.id().to_string();
            let attempt = Try { identity, form: "objects in pg_temp with the names of ours", object: &object, statement: &statement };
            let (outcome, damage, touched) = shadowed;
            let leak = field.leak(identity, &outcome, &damage, &statement);
            let verdict = if let Some(leak) = leak.filter(|_| !identity::is_trusted(&identity.role)) {
                Verdict::Leak(leak)
            } else if touched {
                Verdict::Leak("the function has written into a table of the attacker's in pg_temp".to_owned())
            } else if canonical::text(&outcome.text()) != canonical::text(&plain.0.text()) {
                Verdict::Leak(format!(
                    "tables of the attacker's in pg_temp change the answer: {} / {}",
                    plain.0.text().trim(),
                    outcome.text().trim()
                ))
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

/// The outcome of a call, what it did to others, and whether it wrote into a shadow.
async fn answer(field: &Field<'_>, identity: &Identity, before: &str, statement: &str) -> Result<(Outcome, Vec<String>, bool), Error> {
    field.session.begin(identity).await?;
    let made = field.session.run(before).await?;
    if let Some(said) = made.error {
        field.session.end().await?;
        return Ok((Outcome { error: Some(said), ..Outcome::default() }, Vec::new(), false));
    }
    let count = "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text from pg_stat_xact_user_tables where schemaname ~ '^pg_temp'";
    let before = field.session.query(count, "count writes to temporary tables").await?;
    let outcome = field.session.run(statement).await?;
    let (mut damage, mut touched) = (Vec::new(), false);
    if outcome.succeeded() {
        touched = field.session.query(count, "count writes to temporary tables").await? != before;
        field.session.as_administrator().await?;
        damage = field.world.damage(&field.session, &field.tables).await?;
    }
    field.session.end().await?;
    Ok((outcome, damage, touched))
}

/// Statements that make a shadow of every table, with the rows of tenant B in the name of the attacker, and of the functions and types that
/// expressions use.
fn shadows(field: &Field<'_>, identity: &Identity) -> String {
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
         create function pg_temp.coalesce_shadow() returns int language sql as $$select 1$$;
         create domain pg_temp.uuid as text;
         create domain pg_temp.text as varchar;
         create temp view pg_class as select 1 as oid;
         create temp view pg_proc as select 1 as oid;
         create operator pg_temp.= (leftarg = text, rightarg = text, function = pg_catalog.textne);
         set local search_path = pg_temp, public;\n",
    );
    // The claims and the role stay those of the identity.
    let _ = identity;
    sql
}

/// Types in schemas that the role may not use are of no use in a table of its own.
fn usable(data_type: &str) -> &str {
    if data_type.contains('.') { "text" } else { data_type }
}
