//! What is imported of a live database, and what of it belongs to others.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::introspect::{self, BEGIN};
use super::server::{DEPLOYER, Regime, Target};
use super::{Error, inventory, scripts};
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::import::inventory::{Fate, Inventory, Item, Key};
use crate::import::{self, Imported, Request};
use crate::kinds::project::Platform;
use crate::scripts::Project;

/// Schemas that Supabase brings, and the table of history.
const SUPABASE_SCHEMAS: &[&str] = &[
    "_analytics",
    "_realtime",
    "_supavisor",
    "auth",
    "cron",
    "dbdev",
    "extensions",
    "graphql",
    "graphql_public",
    "net",
    "pgbouncer",
    "pgmq",
    "pgsodium",
    "pgsodium_masks",
    "pgtle",
    "realtime",
    "storage",
    "supabase_functions",
    "supabase_migrations",
    "tiger",
    "topology",
    "vault",
];
/// Extensions that every Supabase project has.
const SUPABASE_EXTENSIONS: &[&str] = &["pg_graphql", "pg_stat_statements", "pgcrypto", "pgjwt", "pgsodium", "supabase_vault", "uuid-ossp"];
/// The schema of the history of migrations.
const HISTORY: &str = "supabase_migrations";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub name: String,
    /// These alone; all that are not the platform's where none is named.
    pub schemas: Vec<String>,
    /// `yyyymmdd`.
    pub date: String,
}

/// Everything that was read.
struct Read {
    catalog: Catalog,
    inventory: Inventory,
}

async fn read(client: &Client) -> Result<Read, Error> {
    client.batch_execute(BEGIN).await.map_err(Error::query("begin to read the database"))?;
    let (catalog, inventory) = (introspect::readable_now(client, None).await, inventory::read(client).await);
    client.batch_execute("rollback").await.map_err(Error::query("end reading the database"))?;
    Ok(Read { catalog: catalog?.0, inventory: inventory? })
}

/// Why nothing was imported.
#[derive(Debug)]
pub enum Failure {
    Database(Error),
    Import(import::Error),
    /// A schema that was asked for is not there.
    NoSchema(String),
    /// A script fails.
    Script(Box<Diagnostic>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Database(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Database(error) => error.fmt(formatter),
            Failure::Import(error) => error.fmt(formatter),
            Failure::NoSchema(schema) => {
                write!(formatter, "the database has no schema `{schema}`\nschemas are told apart by the case of their letters")
            }
            Failure::Script(diagnostic) => formatter.write_str(&diagnostic.message),
        }
    }
}

impl std::error::Error for Failure {}

/// Imports a live database. Nothing is written to it. The client must not be in a transaction.
///
/// # Errors
/// [`Failure`].
pub async fn database(client: &Client, asked: &Asked) -> Result<Imported, Failure> {
    let read = read(client).await?;
    imported(read, asked, None)
}

/// Imports what scripts make on a throw-away database; also tells which extensions were left out.
///
/// # Errors
/// [`Failure`].
pub async fn scripts(target: &Target, project: &Project, regime: Regime, asked: &Asked) -> Result<(Imported, Vec<Diagnostic>), Failure> {
    let ran = scripts::ran(target, project, regime, async |client| Ok(keys(&read(client).await?.inventory))).await?;
    if let Some(failure) = &ran.failure {
        let failure = Box::new(failure.clone());
        ran.forget(target).await?;
        return Err(Failure::Script(failure));
    }
    let mut made = read(&ran.administrator).await?;
    made.inventory.user = DEPLOYER.to_owned();
    let (left_out, before) = (ran.left_out.clone(), ran.before.clone());
    ran.forget(target).await?;
    Ok((imported(made, asked, Some(&before))?, left_out))
}

fn keys(inventory: &Inventory) -> BTreeSet<Key> {
    inventory.items.iter().map(|item| item.key.clone()).collect()
}

fn imported(mut read: Read, asked: &Asked, before: Option<&BTreeSet<Key>>) -> Result<Imported, Failure> {
    let inventory = &read.inventory;
    let schemas: BTreeSet<&str> = inventory.items.iter().filter(|item| item.class == "schema").filter_map(|item| item.name.as_deref()).collect();
    if let Some(missing) = asked.schemas.iter().find(|schema| !schemas.contains(schema.as_str())) {
        return Err(Failure::NoSchema(missing.clone()));
    }
    let is_supabase = ["anon", "authenticated", "service_role"].iter().all(|role| inventory.roles.contains_key(*role))
        && inventory
            .items
            .iter()
            .any(|item| item.class == "table" && item.schema.as_deref() == Some("auth") && item.name.as_deref() == Some("users"));
    let platform = if is_supabase { Platform::Supabase } else { Platform::Postgresql };
    let others = Others { inventory, asked, before, is_supabase };
    let foreign: BTreeSet<Key> = inventory.items.iter().filter(|item| others.own(item)).map(|item| item.key.clone()).collect();
    if !asked.schemas.is_empty() || before.is_some() {
        // Roles, databases and PostgreSQL's own objects are nobody's part.
        read.inventory.told.clear();
    } else {
        let is_known = |name: &str| {
            is_supabase
                && ["anon", "auth", "service_role", "postgres", "supabase", "dashboard_user", "every role"]
                    .iter()
                    .any(|known| name.starts_with(known))
        };
        read.inventory.told.retain(|told| {
            !(told.class == "setting of a role or database" && is_known(&told.name) || is_supabase && told.class.starts_with("privileges of"))
        });
    }
    let request =
        Request { catalog: &read.catalog, inventory: &read.inventory, foreign, name: asked.name.clone(), platform, date: asked.date.clone() };
    import::import(&request).map_err(Failure::Import)
}

/// Tells what others own.
struct Others<'o> {
    inventory: &'o Inventory,
    asked: &'o Asked,
    before: Option<&'o BTreeSet<Key>>,
    is_supabase: bool,
}

impl Others<'_> {
    fn own(&self, item: &Item) -> bool {
        if let Some(before) = self.before {
            let of_platform = self.is_supabase
                && item.schema.is_none()
                && item.fate != Fate::Extension
                && item.name.as_ref().is_some_and(|name| name.starts_with("supabase_"));
            // What stands for an extension that the server does not have is made by the administrator.
            let emulated = item.owner.as_deref().is_some_and(|owner| owner != DEPLOYER)
                && item.schema.as_deref().is_some_and(|schema| SUPABASE_SCHEMAS.contains(&schema));
            // So are its casts, which belong to nobody.
            let is_ours = |key: &Key| self.inventory.items.iter().any(|other| other.key == *key && other.owner.as_deref() == Some(DEPLOYER));
            let cast = item.class == "cast" && !self.inventory.needs.iter().any(|(from, to)| *from == item.key && is_ours(to));
            return of_platform || emulated || cast || before.contains(&item.key);
        }
        let Some(schema) = &item.schema else { return self.own_global(item) };
        if !self.asked.schemas.is_empty() && !self.asked.schemas.contains(schema) {
            return true;
        }
        // Everybody has `public`; a schema with an extension in it must be there before the extension.
        if item.class == "schema" && (schema == "public" || self.inventory.extensions.values().any(|known| known == schema)) {
            return true;
        }
        let of_platform = schema == HISTORY || (self.is_supabase && SUPABASE_SCHEMAS.contains(&schema.as_str()));
        of_platform && !self.put_there(item)
    }

    /// A trigger or policy of ours on a table of the platform.
    fn put_there(&self, item: &Item) -> bool {
        let is_part = matches!(item.class.as_str(), "trigger" | "policy");
        let ours = |key: &Key| {
            let found = self.inventory.items.iter().find(|other| other.key == *key);
            found.and_then(|other| other.schema.as_deref()).is_some_and(|schema| schema != HISTORY && !SUPABASE_SCHEMAS.contains(&schema))
        };
        is_part && (item.class == "policy" || self.inventory.needs.iter().any(|(from, to)| *from == item.key && ours(to)))
    }

    fn own_global(&self, item: &Item) -> bool {
        if !self.asked.schemas.is_empty() {
            return item.fate != Fate::Alias && item.fate != Fate::Extension;
        }
        if !self.is_supabase {
            return false;
        }
        let named = |list: &[&str]| item.name.as_ref().is_some_and(|name| list.contains(&name.as_str()));
        let of_platform = item.owner.as_ref().is_some_and(|owner| owner.starts_with("supabase"))
            || item.name.as_ref().is_some_and(|name| name.starts_with("supabase_"));
        match item.fate {
            Fate::Extension => named(SUPABASE_EXTENSIONS),
            Fate::DefaultPrivileges => {
                let in_schema =
                    item.identity.as_ref().and_then(|(_, identity)| Some(identity.split_once(" in schema ")?.1.split_once(" on ")?.0.to_owned()));
                of_platform || in_schema.is_none_or(|schema| schema == "public" || SUPABASE_SCHEMAS.contains(&schema.as_str()))
            }
            _ => of_platform,
        }
    }
}
