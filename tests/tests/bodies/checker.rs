//! `plpgsql_check` as an oracle of names and types in bodies: what it finds wrong, we find; and what we find, it does not contradict.
//!
//! `TRUST_PLPGSQL_CHECK=1` runs it; the extension has to be installed beside the server (Debian: `postgresql-15-plpgsql-check`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tests::compile::{Compiled, compile, folder};
use tests::postgres::{any_major, database};
use tokio_postgres::Client;
use trust_schema::catalog::Object;
use trust_schema::live::server::{Regime, Scratch};
use trust_schema::resolve::body_names::Known;

use super::names::{bodies, looked, misspellings};
use super::shapes::{shapes, world};

/// The errors that it finds in every PL/pgSQL function outside of the system's schemas, for trigger functions on the tables where they are used.
const CHECK: &str = "select f.signature, c.message from (
    select p.oid, p.oid::regprocedure::text as signature, coalesce(t.tgrelid, 0) as relation, t.tgoldtable::text as old, t.tgnewtable::text as new
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    left join pg_trigger t on t.tgfoid = p.oid and not t.tgisinternal
    where l.lanname = 'plpgsql' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'checker', 'auth', 'extensions', 'cron', 'net')
      and ($1::oid is null or p.oid = $1) and p.prorettype <> 'event_trigger'::regtype and (p.prorettype <> 'trigger'::regtype or t.oid is not null)
      and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  ) f, lateral checker.plpgsql_check_function_tb(f.oid, f.relation, fatal_errors => false, other_warnings => false, extra_warnings => false, performance_warnings => false,
      oldtable => f.old, newtable => f.new) c
  where c.level = 'error'";

const SERVICES: &str = include_str!("../../../trust-schema/fixtures/supabase_services.sql");

fn is_wanted() -> bool {
    let wanted = std::env::var_os("TRUST_PLPGSQL_CHECK").is_some();
    if !wanted {
        println!("TRUST_PLPGSQL_CHECK=1 runs it");
    }
    wanted
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A database that has it. Whoever drops the first drops the database.
async fn checker() -> (Scratch, Client) {
    let scratch = database(any_major(), Regime::Hardened).await;
    let client = scratch.connect_as_administrator().await.expect("a connection");
    client.batch_execute("create schema checker; create extension plpgsql_check schema checker").await.expect("plpgsql_check is installed");
    (scratch, client)
}

/// What it finds in one function, or in all of them.
async fn errors(client: &Client, function: Option<u32>) -> Vec<String> {
    match client.query(CHECK, &[&function]).await {
        Ok(rows) => rows.iter().map(|row| format!("{}: {}", row.get::<_, String>(0), row.get::<_, String>(1))).collect(),
        // What cannot be compiled at all.
        Err(error) => vec![error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())],
    }
}

async fn apply(client: &Client, compiled: &Compiled) {
    let files = compiled.sql().unwrap_or_else(|| panic!("{}", compiled.full()));
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("migrations/")) {
        client.batch_execute(text).await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
}

#[tokio::test]
async fn what_compiles_has_no_error_for_it() {
    if !is_wanted() {
        return;
    }
    let (_scratch, client) = checker().await;
    // What the platform has and bodies name.
    client.batch_execute(SERVICES).await.expect("the services of the platform");
    let mut specs = vec![root().join("spec")];
    specs.extend(std::fs::read_dir(root().join("tests/cases/kinds")).expect("the folder is readable").map(|entry| entry.expect("an entry").path()));
    let (mut functions, mut wrong) = (0, Vec::new());
    for spec in specs {
        let compiled = compile(folder(&spec));
        let resolution = compiled.0.resolution.as_ref().unwrap_or_else(|| panic!("{}", compiled.full()));
        client.batch_execute("begin").await.expect("a transaction begins");
        // Roles that a case takes for given: those that it grants something to.
        let roles: BTreeSet<&str> = resolution
            .catalog
            .objects()
            .filter_map(|object| if let Object::Grant(grant) = object { Some(grant.grantee.as_str()) } else { None })
            .collect();
        for role in roles.into_iter().chain(resolution.project.api_roles.iter().map(String::as_str)) {
            let sql =
                format!("do $$ begin create role {}; exception when duplicate_object then null; end $$", trust_schema::sql::identifier::quote(role));
            client.batch_execute(&sql).await.expect("a role is made");
        }
        apply(&client, &compiled).await;
        functions += compiled
            .0
            .resolution
            .iter()
            .flat_map(|known| known.catalog.objects())
            .filter(|object| matches!(object, Object::Function(function) if function.language == "plpgsql"))
            .count();
        wrong.extend(errors(&client, None).await.into_iter().map(|error| format!("{}: {error}", spec.display())));
        client.batch_execute("rollback").await.expect("the transaction ends");
    }
    let world = world();
    for shape in shapes().into_iter().filter(|shape| shape.language == "plpgsql") {
        client.batch_execute("begin").await.expect("a transaction begins");
        super::oracle::world_on(&client, &world).await;
        client.batch_execute(&shape.function().create()).await.unwrap_or_else(|error| panic!("{}: {error:?}", shape.name));
        functions += 1;
        wrong.extend(errors(&client, None).await.into_iter().map(|error| format!("{}: {error}", shape.name)));
        client.batch_execute("rollback").await.expect("the transaction ends");
    }
    println!("{functions} functions, {} errors", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn names_that_mean_nothing_are_an_error_for_it_too() {
    if !is_wanted() {
        return;
    }
    let (_scratch, client) = checker().await;
    super::oracle::world_on(&client, &world()).await;
    // `on conflict` needs one.
    client.batch_execute("create unique index on app.members (user_id); set check_function_bodies = off").await.expect("an index");
    let mut wrong = Vec::new();
    for body in bodies() {
        let create = format!("begin; create function app.shape(p_user uuid) returns void language plpgsql as $shape$ {} $shape$", body.text);
        client.batch_execute(&create).await.unwrap_or_else(|error| panic!("{}: {error:?}", body.text));
        let oid: u32 = client.query_one("select 'app.shape(uuid)'::regprocedure::oid", &[]).await.expect("the function is there").get(0);
        let theirs = errors(&client, Some(oid)).await;
        client.batch_execute("rollback").await.expect("back");
        if theirs.is_empty() != body.unknown.is_empty() {
            wrong.push(format!("{}: {theirs:?}", body.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What it cannot see, by what we say: it plans statements, and a statement that is never reached it does not.
const CONTRADICTED: &[&str] = &[];

#[tokio::test]
async fn misspelt_names_are_told_by_both_or_by_neither() {
    if !is_wanted() {
        return;
    }
    let (_scratch, client) = checker().await;
    let compiled = compile(folder(&root().join("spec")));
    apply(&client, &compiled).await;
    client.batch_execute("set check_function_bodies = off").await.expect("a setting");
    let resolution = compiled.0.resolution.as_ref().expect("the spec has no mistakes");
    let functions = || resolution.catalog.objects().filter_map(|object| if let Object::Function(function) = object { Some(function) } else { None });
    let schemas: BTreeSet<&str> = functions().map(|function| &*function.name.schema).collect();
    let declared = Known::new(&resolution.names, &resolution.catalog);
    let (mut both, mut neither, mut only_we, mut only_it) = (0, 0, Vec::new(), Vec::new());
    for function in functions().filter(|function| function.language == "plpgsql") {
        let sql = "select p.oid, pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.proname = $2 and p.prosrc = $3";
        let row = client.query_one(sql, &[&&*function.name.schema, &&*function.name.name, &function.body]).await.expect("the function is there");
        let (oid, definition): (u32, String) = (row.get(0), row.get(1));
        for wrong in misspellings(&function.body, &schemas) {
            let ours = looked(function, &wrong, &declared).unknown;
            client.batch_execute(&format!("begin; {}", definition.replace(&function.body, &wrong))).await.expect("bodies are not checked");
            let theirs = errors(&client, Some(oid)).await;
            client.batch_execute("rollback").await.expect("back");
            match (ours.first(), theirs.first()) {
                (Some(_), Some(_)) => both += 1,
                (None, None) => neither += 1,
                (Some(unknown), None) => only_we.push(format!("{}: {} {:?}", function.name, unknown.name, unknown.what)),
                (None, Some(error)) => {
                    let at = function.body.bytes().zip(wrong.bytes()).take_while(|(right, wrong)| right == wrong).count();
                    let line = wrong[..at].rfind('\n').map_or(0, |end| end + 1);
                    println!("{}: {}", error.rsplit(": ").next().unwrap_or_default(), wrong[line..].lines().next().unwrap_or_default().trim());
                    only_it.push(error.clone());
                }
            }
        }
    }
    println!("misspelt names: {both} told by both, {neither} by neither, {} by us alone, {} by plpgsql_check alone", only_we.len(), only_it.len());
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for error in &only_it {
        let words = error.split_once(": ").map_or(error.as_str(), |(_, message)| message).split('"').step_by(2).collect::<Vec<_>>().join("…");
        *kinds.entry(words).or_default() += 1;
    }
    for (kind, count) in &kinds {
        println!("  it alone: {count} {kind}");
    }
    let contradicted: Vec<&String> = only_we.iter().filter(|line| !CONTRADICTED.iter().any(|known| line.contains(known))).collect();
    assert!(contradicted.is_empty(), "{contradicted:#?}");
    assert!(both > 100 * only_it.len(), "{only_it:#?}");
}
