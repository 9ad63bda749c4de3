//! Every API role tries, directly, what the spec does not grant it.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::run::{Findings, Ground};
use super::{Attempt, Problem};
use crate::catalog::{Catalog, Id, Object};
use crate::kinds::column::Column;
use crate::kinds::grant::Privilege;
use crate::live::Error;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// One thing to try.
struct Try {
    action: String,
    object: Id,
    sql: String,
    allowed: bool,
}

/// What one role is granted on one object.
#[derive(Default)]
struct Granted {
    privileges: BTreeSet<Privilege>,
    columns: BTreeMap<String, BTreeSet<Privilege>>,
}

/// Tries everything as every API role. Nothing that is granted is done: EXPLAIN asks for the same privileges.
pub async fn attempt(ground: &Ground<'_>, findings: &mut Findings) -> Result<(), Error> {
    for role in &ground.resolution.project.api_roles {
        let client = ground.scratch.connect_as(role).await?;
        client.batch_execute("begin; set local statement_timeout = '30s'").await.map_err(Error::query("begin a transaction"))?;
        for attempt in tries(&ground.resolution.catalog, role) {
            findings.checks += 1;
            make(&client, role, attempt, findings).await?;
        }
        client.batch_execute("rollback").await.map_err(Error::query("roll back"))?;
    }
    Ok(())
}

async fn make(client: &Client, role: &str, attempt: Try, findings: &mut Findings) -> Result<(), Error> {
    let around = |sql: &'static str| async move { client.batch_execute(sql).await.map_err(Error::query("set a savepoint")) };
    around("savepoint attempt").await?;
    let outcome = client.batch_execute(&attempt.sql).await;
    around("rollback to savepoint attempt; release savepoint attempt").await?;
    let Try { action, object, sql, allowed } = attempt;
    let refusal = outcome.as_ref().err().and_then(|error| error.as_db_error());
    // A policy refuses with the same code, and other words.
    let denied = refusal.is_some_and(|said| *said.code() == SqlState::INSUFFICIENT_PRIVILEGE && said.message().starts_with("permission denied for"));
    let said = refusal.map(|said| said.message().to_owned());
    let message = match (allowed, denied, &said) {
        (true, true, Some(said)) => Some(format!("{role} is granted {action} and is refused: {said}")),
        (false, false, None) => Some(format!("{role} is not granted {action}, and this is let through: {sql}")),
        (false, false, Some(said)) => Some(format!("{role} is not granted {action}, and is stopped by something else only: {said}")),
        _ => None,
    };
    findings.problems.extend(message.map(|message| Problem::new(object.to_string(), message)));
    if let (Err(error), None) = (&outcome, refusal) {
        findings.problems.push(Problem::new(object.to_string(), format!("{role}: {error}")));
    }
    findings.attempts.push(Attempt { role: role.to_owned(), action, object: object.to_string(), refusal: said });
    Ok(())
}

fn granted(catalog: &Catalog, target: &Id, role: &str) -> Granted {
    let mut all = Granted::default();
    for grantee in [role, "public"] {
        if let Some(Object::Grant(grant)) = catalog.get(&Id::grant(target, grantee)) {
            all.privileges.extend(&grant.privileges);
            for (column, privileges) in &grant.columns {
                all.columns.entry(column.clone()).or_default().extend(privileges);
            }
        }
    }
    all
}

fn tries(catalog: &Catalog, role: &str) -> Vec<Try> {
    let mut tries = Vec::new();
    for object in catalog.objects() {
        let id = object.id();
        match object {
            Object::Table(table) => {
                let columns: Vec<&Column> = catalog
                    .objects()
                    .filter_map(|part| if let Object::Column(column) = part { Some(column) } else { None })
                    .filter(|column| column.table == table.name)
                    .collect();
                let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                relation(&id, &names, &granted(catalog, &id, role), &mut tries);
                if !granted(catalog, &id, role).privileges.contains(&Privilege::Truncate) {
                    tries.push(Try { action: "TRUNCATE".to_owned(), sql: format!("truncate {}", id.name()), object: id.clone(), allowed: false });
                }
                for sequence in columns.iter().filter_map(|column| column.identity_sequence.as_ref()) {
                    self::sequence(&Id::of(crate::kinds::Kind::Sequence, sequence), catalog, role, &mut tries);
                }
            }
            Object::View(view) => {
                let granted = granted(catalog, &id, role);
                let all = granted.privileges.contains(&Privilege::Select);
                let some = granted.columns.values().any(|privileges| privileges.contains(&Privilege::Select));
                tries.push(Try {
                    action: "SELECT".to_owned(),
                    sql: format!("select 1 from {} limit 1", view.name),
                    object: id,
                    allowed: all || some,
                });
            }
            Object::Sequence(_) => sequence(&id, catalog, role, &mut tries),
            Object::Function(function) if !granted(catalog, &id, role).privileges.contains(&Privilege::Execute) => {
                // A sub-select is no constant: a strict function of a constant NULL is never called, and never refused.
                let arguments =
                    function.arguments.iter().map(|argument| format!("(select null::{})", argument.data_type)).collect::<Vec<_>>().join(", ");
                tries.push(Try { action: "EXECUTE".to_owned(), sql: format!("select {}({arguments})", function.name), object: id, allowed: false });
            }
            _ => {}
        }
    }
    tries
}

/// SELECT, INSERT, UPDATE and DELETE; column by column where single columns are granted.
fn relation(id: &Id, columns: &[&str], granted: &Granted, tries: &mut Vec<Try>) {
    let name = id.name();
    let first = columns.first().map(|column| quote(column).into_owned());
    let whole = |privilege: Privilege| match privilege {
        Privilege::Select => Some(format!("select 1 from {name} limit 1")),
        Privilege::Insert => Some(format!("insert into {name} default values")),
        Privilege::Update => first.as_ref().map(|column| format!("update {name} set {column} = default where false")),
        _ => Some(format!("delete from {name} where false")),
    };
    for privilege in [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Delete] {
        let all = granted.privileges.contains(&privilege);
        let some = granted.columns.values().any(|privileges| privileges.contains(&privilege));
        if all || !some {
            let explain = if all && privilege != Privilege::Select { "explain " } else { "" };
            let sql = whole(privilege).map(|sql| format!("{explain}{sql}"));
            tries.extend(sql.map(|sql| Try { action: privilege.keyword().to_owned(), object: id.clone(), sql, allowed: all }));
            continue;
        }
        for column in columns {
            let quoted = quote(column);
            let sql = match privilege {
                Privilege::Select => format!("select {quoted} from {name} limit 1"),
                Privilege::Insert => format!("explain insert into {name} ({quoted}) values (default)"),
                _ => format!("explain update {name} set {quoted} = default where false"),
            };
            let allowed = granted.columns.get(*column).is_some_and(|privileges| privileges.contains(&privilege));
            tries.push(Try { action: format!("{} ({quoted})", privilege.keyword()), object: id.clone(), sql, allowed });
        }
    }
}

/// What is not granted on a sequence. Taking a number is never undone, so nothing that is granted is tried.
fn sequence(id: &Id, catalog: &Catalog, role: &str, tries: &mut Vec<Try>) {
    let granted = granted(catalog, id, role).privileges;
    let name = quoted(id.name());
    let all = [
        (Privilege::Usage, format!("select pg_catalog.nextval({name})")),
        (Privilege::Select, format!("select last_value from {}", id.name())),
        (Privilege::Update, format!("select pg_catalog.setval({name}, 1)")),
    ];
    let refused = all.into_iter().filter(|(privilege, _)| !granted.contains(privilege));
    tries.extend(refused.map(|(privilege, sql)| Try { action: privilege.keyword().to_owned(), object: id.clone(), sql, allowed: false }));
}
