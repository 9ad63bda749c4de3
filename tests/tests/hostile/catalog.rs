//! One hostile spec on a server, and what the catalog holds of its string.

use tests::compile::{apply, inventory};
use tokio_postgres::Client;
use trust_schema::emit::Files;

/// Every text of the catalog that a spec can bring there, one for each row: comments, labels, names, arguments of triggers, sources.
const TEXTS: &str = "
    select description from pg_description where classoid <> 'pg_ts_dict'::regclass and objoid >= 16384
    union all select enumlabel::text from pg_enum
    union all select relname::text from pg_class where oid >= 16384
    union all select attname::text from pg_attribute where attrelid >= 16384
    union all select typname::text from pg_type where oid >= 16384
    union all select proname::text from pg_proc where oid >= 16384
    union all select unnest(proargnames) from pg_proc where oid >= 16384
    union all select prosrc from pg_proc where oid >= 16384
    union all select conname::text from pg_constraint where oid >= 16384
    union all select polname::text from pg_policy
    union all select nspname::text from pg_namespace
    union all select tgname::text from pg_trigger
    union all select rtrim(convert_from(tgargs, 'UTF8'), E'\\x01') from pg_trigger where tgnargs > 0 and position('\\x00'::bytea in tgargs) = 0
    union all select convert_from(substr(tgargs, 1, position('\\x00'::bytea in tgargs) - 1), 'UTF8') from pg_trigger where tgnargs > 0
    union all select convert_from(substr(tgargs, position('\\x00'::bytea in tgargs) + 1, length(tgargs) - position('\\x00'::bytea in tgargs) - 1), 'UTF8') from pg_trigger where tgnargs = 2
    union all select pg_get_expr(adbin, adrelid) from pg_attrdef
    union all select pg_get_constraintdef(oid) from pg_constraint where oid >= 16384
    union all select typdefault from pg_type where oid >= 16384 and typdefault is not null
    union all select pg_get_expr(polqual, polrelid) from pg_policy where polqual is not null
    union all select pg_get_expr(polwithcheck, polrelid) from pg_policy where polwithcheck is not null
    union all select pg_get_indexdef(indexrelid) from pg_index where indexrelid >= 16384
    union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
    union all select pg_get_viewdef(oid) from pg_class where relkind = 'v' and oid >= 16384
    union all select pg_get_function_arguments(oid) from pg_proc where oid >= 16384
    union all select pg_get_function_result(oid) from pg_proc where oid >= 16384";

/// What a round trip saw.
pub struct Seen {
    pub made: usize,
    pub found: bool,
}

/// Applies, looks, and rolls back.
///
/// # Errors
/// What is wrong.
pub async fn trip(client: &Client, emitted: &Files, value: &str) -> Result<Seen, String> {
    let before = inventory(client).await;
    let migrations: Vec<(&str, &str)> = emitted.iter().filter(|(path, _)| path.starts_with("migrations/")).collect();
    for (path, sql) in &migrations {
        apply(client, path, sql).await.map_err(|failure| format!("{}: {}", failure.file, failure.message))?;
    }
    let between = inventory(client).await;
    let found = holds(client, value).await?;
    for (path, _) in migrations.iter().rev() {
        let rollback = path.replacen("migrations/", "rollback/", 1);
        let sql = emitted.0.get(&rollback).ok_or("the rollback is missing")?;
        apply(client, &rollback, sql).await.map_err(|failure| format!("{}: {}", failure.file, failure.message))?;
    }
    if inventory(client).await != before {
        return Err("the rollback does not lead back".to_owned());
    }
    let alive = client.query_one("select count(*) = 1 and min(a) = 'alive' from public.canary", &[]).await;
    match alive.map(|row| row.get::<_, bool>(0)) {
        Ok(true) => {}
        _ => return Err("the canary is dead".to_owned()),
    }
    Ok(Seen { made: between.iter().filter(|line| !before.contains(line)).count(), found })
}

/// Whether the catalog or a table holds the string: as it is, or in a definition as a literal or a quoted name.
async fn holds(client: &Client, value: &str) -> Result<bool, String> {
    let problem = |error: tokio_postgres::Error| format!("the catalog cannot be read: {error:?}");
    let in_literal = value.replace('\'', "''");
    let in_escape = value.replace('\\', "\\\\").replace('\'', "''");
    let in_name = format!("\"{}\"", value.replace('"', "\"\""));
    let rows = client.query(TEXTS, &[]).await.map_err(problem)?;
    let spellings = [format!("'{in_literal}'"), format!("E'{in_escape}'"), in_name];
    // Part of a longer text: what is put into a sentence, or into a body.
    let long_enough = value.len() > 3;
    let is_in = |text: &str| {
        text == value
            || spellings.iter().any(|spelling| text.contains(spelling.as_str()))
            || (long_enough && (text.contains(value) || text.contains(&in_literal)))
    };
    if rows.iter().filter_map(|row| row.get::<_, Option<String>>(0)).any(|text| is_in(&text)) {
        return Ok(true);
    }
    let tables = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema', 'auth') and tablename <> 'canary'";
    for table in client.query(tables, &[]).await.map_err(problem)? {
        let query =
            format!("select v.value #>> '{{}}' from {} as t, jsonb_each(to_jsonb(t)) as v where v.value <> 'null'", table.get::<_, String>(0));
        // A table with forced row-level security shows nothing to its owner; that is no mistake.
        for row in client.query(&query, &[]).await.map_err(problem)? {
            if row.get::<_, Option<String>>(0).is_some_and(|text| {
                text == value || serde_json::from_str::<Vec<String>>(&text).is_ok_and(|items| items.iter().any(|item| item == value))
            }) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
