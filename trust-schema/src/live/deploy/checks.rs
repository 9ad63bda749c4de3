//! What is looked at before anything is changed: the server, the platform, and what the role may do.

use std::collections::BTreeSet;

use serde::Serialize;
use tokio_postgres::Client;

use super::Stop;
use super::hazards::{created, table};
use super::history::History;
use super::migration::{Migration, System};
use super::script::{self, Reader};
use crate::kinds::project::Platform;
use crate::live::server::{OLDEST_MAJOR, OLDEST_READ_MAJOR};
use crate::sql::identifier::quote;

/// The server and the role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Server {
    pub version: String,
    #[serde(skip)]
    pub major: u32,
    pub database: String,
    pub role: String,
    /// Of the cluster, so that two servers are told apart.
    pub encoding: String,
}

/// What the server says of itself.
struct Said {
    server: Server,
    standby: bool,
    read_only: bool,
}

async fn ask(client: &Client) -> Result<Said, Stop> {
    let doing = "ask the server what it is";
    let sql =
        "select current_setting('server_version_num')::int / 10000, current_setting('server_version'), current_database()::text, current_user::text,
               pg_is_in_recovery(), current_setting('transaction_read_only') = 'on', current_setting('server_encoding')";
    let row = client.query_one(sql, &[]).await.map_err(Stop::query(doing))?;
    let text = |place: usize| row.try_get::<_, String>(place).map_err(Stop::query(doing));
    let flag = |place: usize| row.try_get::<_, bool>(place).map_err(Stop::query(doing));
    let major: i32 = row.try_get(0).map_err(Stop::query(doing))?;
    let server = Server {
        version: text(1)?.split_whitespace().next().unwrap_or_default().to_owned(),
        major: major.unsigned_abs(),
        database: text(2)?,
        role: text(3)?,
        encoding: text(6)?,
    };
    Ok(Said { server, standby: flag(4)?, read_only: flag(5)? })
}

/// Looks which server it is; any that is not too old to be read will do.
///
/// # Errors
/// [`Stop`] `old-server`.
pub async fn identity(client: &Client) -> Result<Server, Stop> {
    recent(ask(client).await?.server, OLDEST_READ_MAJOR)
}

fn recent(server: Server, oldest: u32) -> Result<Server, Stop> {
    if server.major < oldest {
        return Err(Stop::new("old-server", format!("the server is PostgreSQL {}; {oldest} or newer is needed", server.version)));
    }
    Ok(server)
}

/// Looks whether a server can be deployed to: not old, no standby, not read-only.
///
/// # Errors
/// [`Stop`].
pub async fn server(client: &Client) -> Result<Server, Stop> {
    let said = ask(client).await?;
    let server = recent(said.server, OLDEST_MAJOR)?;
    if said.standby {
        return Err(Stop::new("standby", "the server is a standby: it follows another one and takes no changes")
            .help("connect to the primary; several hosts with `target_session_attrs=read-write` find it"));
    }
    if said.read_only {
        return Err(Stop::new("read-only", "the server takes no changes in this session: `default_transaction_read_only` is on")
            .help("a full disk or maintenance turns it on for a database or role; find out who has, before you turn it off"));
    }
    if server.encoding != "UTF8" {
        return Err(Stop::new("encoding", format!("the database's encoding is {}, and the files are UTF-8", server.encoding))
            .help("make the database with encoding UTF8"));
    }
    Ok(server)
}

/// Looks at the platform: roles, schemas and extensions that must be there.
///
/// # Errors
/// [`Stop`] `wrong-platform`, `missing-role`, `missing-extension`.
pub async fn platform(client: &Client, system: &System, server: &Server) -> Result<(), Stop> {
    if system.platform == Platform::Supabase {
        let sql = "select wanted from unnest(array['anon', 'authenticated', 'service_role']) as wanted where wanted not in (select rolname::text from pg_roles)
                   union all select 'auth.users' where not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'auth' and c.relname = 'users')";
        let missing = list(client, sql, &[]).await?;
        if !missing.is_empty() {
            return Err(Stop::new(
                "wrong-platform",
                format!("the database `{}` is no Supabase project: there is no {}", server.database, missing.join(", ")),
            )
            .help("is this the right database? `platform` of trust.toml says where the system runs"));
        }
    }
    let missing =
        list(client, "select wanted from unnest($1::text[]) as wanted where wanted not in (select rolname::text from pg_roles)", &[&system.roles])
            .await?;
    if !missing.is_empty() {
        return Err(
            Stop::new("missing-role", format!("there is no role {}", missing.join(", "))).help("migrations create no roles: have them created first")
        );
    }
    for (name, schema) in &system.extensions {
        let sql = "select n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = $1";
        let found = list(client, sql, &[name]).await?;
        if found.first() != Some(schema) {
            let there = found.first().map_or_else(|| "is not installed".to_owned(), |there| format!("is in schema {there}"));
            let (name, schema) = (quote(name), quote(schema));
            return Err(Stop::new("missing-extension", format!("extension {name} {there}, and is needed in schema {schema}"))
                .help(format!("migrations create no extensions: CREATE EXTENSION {name} SCHEMA {schema}")));
        }
    }
    Ok(())
}

/// What statements ask of what is there already.
#[derive(Debug, Default)]
struct Asked {
    /// Schemas that get objects.
    create: BTreeSet<String>,
    /// Relations that are altered, which takes their owner.
    own: BTreeSet<Vec<String>>,
    /// Relations that get triggers.
    trigger: BTreeSet<Vec<String>>,
    /// Relations that foreign keys refer to.
    refer: BTreeSet<Vec<String>>,
    /// Relations that are created.
    relations: BTreeSet<Vec<String>>,
    /// Whether schemas are created.
    schemas: bool,
}

fn asked(pending: &[&Migration]) -> Asked {
    let mut asked = Asked::default();
    let mut made: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut dropped: BTreeSet<Vec<String>> = BTreeSet::new();
    for statement in pending.iter().flat_map(|migration| &migration.statements) {
        let tokens = script::tokens(&statement.text);
        let reader = Reader { text: &statement.text, tokens: &tokens };
        let of_others = |name: &Vec<String>| name.len() == 2 && !made.contains(name);
        if let Some(name) = table(&reader).filter(of_others) {
            if reader.has("trigger") && reader.is(0, "create") {
                asked.trigger.insert(name)
            } else {
                asked.own.insert(name)
            };
        }
        for place in 0..reader.tokens.len() {
            if reader.is(place, "references") {
                let name = reader.name(place + 1).0;
                if of_others(&name) {
                    asked.refer.insert(name);
                }
            }
        }
        if reader.is(0, "drop") {
            let at = reader.skip_words(1, &["materialized", "foreign"]);
            dropped.extend(reader.list(reader.skip_words(at + 1, &["if", "exists"])));
        }
        if let Some(name) = created(&reader) {
            if reader.is(1, "schema") {
                asked.schemas = true;
                made.insert(name);
                continue;
            }
            if let [schema, _] = name.as_slice()
                && !made.contains(std::slice::from_ref(schema))
            {
                asked.create.insert(schema.clone());
            }
            let replaces = reader.are(1, &["or", "replace"]) || reader.are(1, &["table", "if", "not", "exists"]);
            if ["table", "view", "sequence"].iter().any(|kind| (1..4).any(|place| reader.is(place, kind)))
                && !replaces
                && name.len() == 2
                && !dropped.contains(&name)
            {
                asked.relations.insert(name.clone());
            }
            made.insert(name);
        }
    }
    asked
}

/// Looks at what the role may do, and at what is in the way of the migrations.
///
/// # Errors
/// [`Stop`] `missing-privilege`, `already-there`.
pub async fn privileges(client: &Client, server: &Server, history: &History, pending: &[&Migration]) -> Result<(), Stop> {
    let asked = asked(pending);
    let mut missing = Vec::new();
    let creates_schemas = asked.schemas || (history.rows.is_empty() && !history.complete);
    let sql = "select 'CREATE on database ' || current_database() where not has_database_privilege(current_database(), 'create') and $1";
    missing.extend(list(client, sql, &[&creates_schemas]).await?);
    let schemas: Vec<&str> = asked.create.iter().map(String::as_str).collect();
    let sql = "select 'CREATE on schema ' || n.nspname from pg_namespace n where n.nspname = any ($1) and not has_schema_privilege(n.oid, 'create')
               union all select 'schema ' || wanted || ', which is not there' from unnest($1) as wanted where wanted not in (select nspname::text from pg_namespace)";
    missing.extend(list(client, sql, &[&schemas]).await?);
    for (names, condition, what) in [
        (&asked.own, "pg_has_role(c.relowner, 'usage')", "the ownership of"),
        (&asked.trigger, "has_table_privilege(c.oid, 'trigger')", "TRIGGER on"),
        (&asked.refer, "has_any_column_privilege(c.oid, 'references')", "REFERENCES on"),
    ] {
        let (schemas, tables) = columns(names);
        let sql = format!(
            "select $3 || ' ' || n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
             join unnest($1::text[], $2::text[]) as wanted (schema, name) on n.nspname = wanted.schema and c.relname = wanted.name where not {condition}"
        );
        missing.extend(list(client, &sql, &[&schemas, &tables, &what]).await?);
    }
    let sql = "select concat_ws(' and ', case when not has_table_privilege(c.oid, 'insert') then 'INSERT' end, case when not has_table_privilege(c.oid, 'delete') then 'DELETE' end)
               || ' on supabase_migrations.schema_migrations' from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where n.nspname = 'supabase_migrations' and c.relname = 'schema_migrations' and not (has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'delete'))";
    missing.extend(list(client, sql, &[]).await?);
    if !missing.is_empty() {
        return Err(Stop::new("missing-privilege", format!("the role `{}` lacks {}", server.role, missing.join("; ")))
            .help("connect as the role that owns the objects (on Supabase: postgres), or have the privileges granted"));
    }
    let (schemas, tables) = columns(&asked.relations);
    let sql = "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
               join unnest($1::text[], $2::text[]) as wanted (schema, name) on n.nspname = wanted.schema and c.relname = wanted.name order by 1";
    let there = list(client, sql, &[&schemas, &tables]).await?;
    if there.is_empty() {
        return Ok(());
    }
    Err(Stop::new("already-there", format!("history does not hold the migrations that create these, and they are there: {}", there.join(", ")))
        .help("is this the right database? If the migrations were run by hand, compare with `verification/verify.sql` and record them: `supabase migration repair --status applied VERSION`"))
}

fn columns(names: &BTreeSet<Vec<String>>) -> (Vec<&str>, Vec<&str>) {
    names.iter().filter_map(|name| if let [schema, name] = name.as_slice() { Some((schema.as_str(), name.as_str())) } else { None }).unzip()
}

async fn list(client: &Client, sql: &str, parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)]) -> Result<Vec<String>, Stop> {
    let doing = "look at what is there";
    let rows = client.query(sql, parameters).await.map_err(Stop::query(doing))?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(Stop::query(doing))
}
