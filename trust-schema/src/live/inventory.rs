//! From a live database to its inventory: one query for each group of catalogs, all sent at once.

use tokio_postgres::{Client, Row};

use super::introspect::{BEGIN, COMMON, requoted};
use super::{Error, joined};
use crate::catalog::Id;
use crate::import::inventory::{Fate, Inventory, Item, Key, Member, Privilege, Remark, Role, Told};

const RELATIONS: &str = include_str!("inventory/common.sql");
/// Stands behind [`COMMON`] where the server is older than 15.
const BEFORE_15: &str = include_str!("inventory/before_15.sql");
const ITEMS: [&str; 6] = [
    include_str!("inventory/relations.sql"),
    include_str!("inventory/tables.sql"),
    include_str!("inventory/parts.sql"),
    include_str!("inventory/routines.sql"),
    include_str!("inventory/others.sql"),
    include_str!("inventory/globals.sql"),
];
const OTHERS: [&str; 8] = [
    include_str!("inventory/privileges.sql"),
    include_str!("inventory/comments.sql"),
    include_str!("inventory/needs.sql"),
    include_str!("inventory/roles.sql"),
    include_str!("inventory/remarks.sql"),
    "select e.extname::text, n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace where n.nspname <> 'pg_catalog'",
    "select current_user::text, current_database()::text",
    include_str!("inventory/members.sql"),
];

/// Reads everything that a database holds.
///
/// # Errors
/// [`Error::Query`].
pub async fn inventory(client: &Client) -> Result<Inventory, Error> {
    client.batch_execute(BEGIN).await.map_err(Error::query("begin to read the database"))?;
    let read = read(client).await;
    let end = if read.is_ok() { "commit" } else { "rollback" };
    client.batch_execute(end).await.map_err(Error::query("end reading the database"))?;
    read
}

/// As [`inventory`], within a transaction of the caller, whose `search_path` must be `pg_catalog`.
///
/// # Errors
/// [`Error::Query`].
pub async fn read(client: &Client) -> Result<Inventory, Error> {
    let version = "select current_setting('server_version_num')::int / 10000";
    let major: i32 = client.query_one(version, &[]).await.and_then(|row| row.try_get(0)).map_err(Error::query("ask the server for its version"))?;
    let lacking = if major < 15 { BEFORE_15 } else { "" };
    // Both forms of a query must have one shape, so that all travel together.
    let items = ITEMS.iter().map(|sql| {
        format!(
            "{COMMON}{lacking}{RELATIONS}select q.*, i.type, i.identity from (\n{sql}\n) q (class, catalog, oid, part, schema, name, id, up, down, owner, of_catalog, of_oid, fate) \
             left join lateral pg_identify_object(case q.catalog when 'pg_largeobject_metadata' then 'pg_largeobject' else q.catalog end::regclass, q.oid::oid, 0) i on q.part = 0 and q.fate <> 'alias'"
        )
    });
    let others = OTHERS.iter().map(|sql| format!("{COMMON}{lacking}{RELATIONS}select q.* from (\n{sql}\n) q"));
    let queries: Vec<String> = items.chain(others).collect();
    let schemas: Option<Vec<String>> = None;
    let doing = || Error::query("read what the database holds");
    let answers = joined::all(queries.iter().map(|sql| {
        let schemas = &schemas;
        async move { client.query(sql, &[schemas]).await }
    }))
    .await;
    let mut inventory = Inventory::default();
    for (place, rows) in answers.into_iter().enumerate() {
        let rows = rows.map_err(doing())?;
        let taken = if place < ITEMS.len() {
            rows.iter().try_for_each(|row| item(row).map(|item| inventory.items.push(item)))
        } else {
            rows.iter().try_for_each(|row| other(place - ITEMS.len(), row, &mut inventory))
        };
        taken.map_err(doing())?;
    }
    // The same database is told the same way, whatever the order in which it was made.
    inventory.items.sort_by_cached_key(|item| (item.class.clone(), item.label(), item.key.part, item.up.clone()));
    inventory.needs.sort();
    Ok(inventory)
}

fn item(row: &Row) -> Result<Item, tokio_postgres::Error> {
    let catalog: String = row.try_get(1)?;
    let of: (Option<String>, Option<i64>) = (row.try_get(10)?, row.try_get(11)?);
    let fate: String = row.try_get(12)?;
    let identity: (Option<String>, Option<String>) = (row.try_get(13)?, row.try_get(14)?);
    let id: Option<String> = row.try_get(6)?;
    Ok(Item {
        class: row.try_get(0)?,
        key: Key { catalog, oid: row.try_get(2)?, part: row.try_get(3)? },
        schema: row.try_get(4)?,
        name: row.try_get(5)?,
        identity: identity.0.zip(identity.1),
        id: id.and_then(|id| identity_of(&id)),
        up: row.try_get(7)?,
        down: row.try_get(8)?,
        owner: row.try_get(9)?,
        of: of.0.zip(of.1).map(|(catalog, oid)| Key::object(catalog, oid)),
        fate: match fate.as_str() {
            "object" => Fate::Object,
            "part" => Fate::Part,
            "unless raw" => Fate::UnlessRaw,
            "alias" => Fate::Alias,
            "extension" => Fate::Extension,
            "default privileges" => Fate::DefaultPrivileges,
            other => Fate::Report(other.strip_prefix("report: ").unwrap_or(other).to_owned()),
        },
    })
}

fn identity_of(text: &str) -> Option<Id> {
    serde_json::from_value(serde_json::Value::String(requoted(text))).ok()
}

/// A schema as `regnamespace` prints it.
fn unquoted(schema: String) -> String {
    crate::sql::identifier::parse_reference(&schema).map(|(_, name)| name).unwrap_or(schema)
}

fn other(place: usize, row: &Row, inventory: &mut Inventory) -> Result<(), tokio_postgres::Error> {
    match place {
        0 => {
            let key = Key::object(row.try_get::<_, String>(0)?, row.try_get(1)?);
            inventory.privileges.entry(key).or_default().push(Privilege {
                target: row.try_get(2)?,
                column: row.try_get(3)?,
                grantee: row.try_get(4)?,
                word: row.try_get(5)?,
                grantable: row.try_get(6)?,
                by_owner: row.try_get(7)?,
            });
        }
        1 => {
            let key = Key::object(row.try_get::<_, String>(0)?, row.try_get(1)?);
            inventory.comments.entry(key).or_default().push(Remark {
                part: row.try_get(2)?,
                kind: row.try_get(3)?,
                identity: row.try_get(4)?,
                text: row.try_get(5)?,
            });
        }
        2 => {
            // A sequence that is owned needs no column: that it is owned does.
            let part = if row.try_get(4)? { -8 } else { 0 };
            let from = Key { catalog: row.try_get(0)?, oid: row.try_get(1)?, part };
            inventory.needs.push((from, Key::object(row.try_get::<_, String>(2)?, row.try_get(3)?)));
        }
        3 => {
            let role = Role {
                superuser: row.try_get(1)?,
                login: row.try_get(2)?,
                bypasses_row_security: row.try_get(3)?,
                inherits: row.try_get(4)?,
                member_of: row.try_get(5)?,
            };
            inventory.roles.insert(row.try_get(0)?, role);
        }
        4 => {
            inventory.told.insert(Told { class: row.try_get(0)?, name: row.try_get(1)?, reason: row.try_get(2)? });
        }
        5 => {
            inventory.extensions.insert(row.try_get(0)?, row.try_get(1)?);
        }
        7 => {
            let member = Member { schema: unquoted(row.try_get(1)?), name: row.try_get(2)?, arguments: row.try_get(3)?, returns: row.try_get(4)? };
            let list = if row.try_get::<_, String>(0)? == "type" { &mut inventory.types } else { &mut inventory.functions };
            list.push(member);
        }
        _ => {
            inventory.user = row.try_get(0)?;
            inventory.database = row.try_get(1)?;
        }
    }
    Ok(())
}
