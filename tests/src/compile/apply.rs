//! Migrations and rollbacks on a server, as whoever deploys runs them: one transaction for each file.

use tokio_postgres::Client;
use trust_schema::emit::Files;

/// Everything that a migration could leave behind: schemas, relations, types, functions, policies, triggers, constraints, comments and
/// privileges outside the system's schemas. One line each, sorted.
const INVENTORY: &str = "
    with spaces as (
      select oid, nspname, nspacl from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
    )
    select line from (
      select 'schema ' || nspname || ' ' || coalesce(nspacl::text, '') as line from spaces
      union all
      select 'relation ' || c.relkind::text || ' ' || n.nspname || '.' || c.relname || ' ' || coalesce(c.relacl::text, '')
        from pg_class c join spaces n on n.oid = c.relnamespace
      union all
      select 'type ' || n.nspname || '.' || t.typname || ' ' || coalesce(t.typacl::text, '') from pg_type t join spaces n on n.oid = t.typnamespace
      union all
      select 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') ' || coalesce(p.proacl::text, '')
        from pg_proc p join spaces n on n.oid = p.pronamespace
      union all
      select 'policy ' || polname || ' on ' || polrelid::regclass::text from pg_policy
      union all
      select 'trigger ' || tgname || ' on ' || tgrelid::regclass::text from pg_trigger where not tgisinternal
      union all
      select 'constraint ' || k.conname || ' on ' || k.conrelid::regclass::text || ' ' || k.contypid::regtype::text
        from pg_constraint k join spaces n on n.oid = k.connamespace
      union all
      select 'comment ' || o.type || ' ' || o.identity from pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o
        where o.schema is null and o.type = 'schema' or o.schema in (select nspname from spaces)
    ) as lines order by line collate \"C\"";

/// A file that a server refused.
#[derive(Debug)]
pub struct Failure {
    /// Its path among the emitted files.
    pub file: String,
    /// What the server said, with the statement where it said which.
    pub message: String,
}

/// What a round trip saw.
#[derive(Debug)]
pub struct Applied {
    /// The objects that the migrations made.
    pub made: Vec<String>,
    /// What differs after the rollbacks from before the migrations.
    pub left: Vec<String>,
}

/// Runs one file in one transaction.
///
/// # Errors
/// What the server said.
pub async fn apply(client: &Client, path: &str, sql: &str) -> Result<(), Failure> {
    // Three messages: nothing in the file can be taken for a part of ours.
    let mut outcome = client.batch_execute("begin").await;
    if outcome.is_ok() {
        outcome = client.batch_execute(sql).await;
    }
    let end = if outcome.is_ok() { "commit" } else { "rollback" };
    let ended = client.batch_execute(end).await;
    match outcome.and(ended) {
        Ok(()) => Ok(()),
        Err(error) => Err(Failure { file: path.to_owned(), message: describe(&error, sql) }),
    }
}

fn describe(error: &tokio_postgres::Error, sql: &str) -> String {
    let Some(database) = error.as_db_error() else { return error.to_string() };
    let line = match database.position() {
        Some(tokio_postgres::error::ErrorPosition::Original(position)) => {
            let before: String = sql.chars().take(*position as usize).collect();
            let number = before.matches('\n').count();
            sql.lines().nth(number).map(|line| format!("\n  line {}: {line}", number + 1))
        }
        _ => None,
    };
    format!(
        "{} ({}){}{}{}",
        database.message(),
        database.code().code(),
        database.detail().map(|detail| format!("\n  {detail}")).unwrap_or_default(),
        database.where_().map(|context| format!("\n  {context}")).unwrap_or_default(),
        line.unwrap_or_default()
    )
}

/// Everything in the database that is not the system's; see [`INVENTORY`].
///
/// # Panics
/// Where the catalog cannot be read.
pub async fn inventory(client: &Client) -> Vec<String> {
    let rows = client.query(INVENTORY, &[]).await.unwrap_or_else(|error| panic!("inventory: {error:?}"));
    rows.iter().map(|row| row.get(0)).collect()
}

/// Runs the migrations in their order, then the rollback of each, last migration first, and compares what is there before and after.
///
/// # Errors
/// The first file that the server refuses.
pub async fn round_trip(client: &Client, files: &Files) -> Result<Applied, Failure> {
    let before = inventory(client).await;
    let migrations: Vec<(&str, &str)> = files.iter().filter(|(path, _)| path.starts_with("migrations/")).collect();
    for (path, sql) in &migrations {
        apply(client, path, sql).await?;
    }
    let between = inventory(client).await;
    for (path, _) in migrations.iter().rev() {
        let rollback = path.replacen("migrations/", "rollback/", 1);
        let sql = files.0.get(&rollback).ok_or_else(|| Failure { file: rollback.clone(), message: "the file is missing".to_owned() })?;
        apply(client, &rollback, sql).await?;
    }
    let after = inventory(client).await;
    let only = |left: &[String], right: &[String]| -> Vec<String> { left.iter().filter(|line| !right.contains(line)).cloned().collect() };
    let lost = only(&before, &after).into_iter().map(|line| format!("lost: {line}"));
    let left = only(&after, &before).into_iter().map(|line| format!("left: {line}")).chain(lost).collect();
    Ok(Applied { made: only(&between, &before), left })
}
