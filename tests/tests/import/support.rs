//! Databases, their import, and what the import makes.

use std::collections::BTreeSet;
use std::path::Path;

use tokio_postgres::Client;
use trust_schema::compile::compile;
use trust_schema::import::inventory::{Fate, Inventory};
use trust_schema::import::{Became, Imported};
use trust_schema::live::compare::{Expressions, compare};
use trust_schema::live::import::{Asked, database};
use trust_schema::live::introspect;
use trust_schema::live::inventory::inventory;
use trust_schema::live::server::Scratch;

pub fn asked(schemas: &[&str]) -> Asked {
    Asked { name: "imported".to_owned(), schemas: schemas.iter().map(|schema| (*schema).to_owned()).collect(), date: "20260101".to_owned() }
}

/// Runs a text as whoever deploys.
pub async fn run(scratch: &Scratch, sql: &str) {
    let client = scratch.connect().await.unwrap();
    execute(&client, sql).await;
}

pub async fn execute(client: &Client, sql: &str) {
    if let Err(error) = client.batch_execute(sql).await {
        let place = error.as_db_error().and_then(|said| said.position()).map(|position| match position {
            tokio_postgres::error::ErrorPosition::Original(position) => {
                sql.chars().skip((*position as usize).saturating_sub(200)).take(400).collect::<String>()
            }
            other => format!("{other:?}"),
        });
        panic!(
            "{:?}\n{}",
            error.as_db_error().map_or(error.to_string(), |said| format!("{} {}", said.message(), said.detail().unwrap_or_default())),
            place.unwrap_or_default()
        );
    }
}

/// Imports what a database holds.
pub async fn import(scratch: &Scratch, schemas: &[&str]) -> Imported {
    let client = scratch.connect().await.unwrap();
    database(&client, &asked(schemas)).await.unwrap_or_else(|error| panic!("{error}"))
}

/// The migrations of an imported spec.
pub fn migrations(imported: &Imported) -> Vec<(String, String)> {
    let compilation = compile(imported.files.clone());
    let told: Vec<String> = compilation.diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
    let outputs = compilation.outputs.unwrap_or_else(|| panic!("{told:#?}"));
    let migrations = outputs.iter().filter(|(path, _)| path.starts_with("migrations/"));
    migrations.map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

/// Runs the migrations on an empty database, each in a transaction.
pub async fn apply(scratch: &Scratch, imported: &Imported) {
    let client = scratch.connect().await.unwrap();
    for (path, text) in migrations(imported) {
        eprintln!("running {path}");
        execute(&client, "begin").await;
        execute(&client, &text).await;
        execute(&client, "commit").await;
    }
}

/// Everything that is known of a database, without its numbers.
pub fn lines(inventory: &Inventory, left: &BTreeSet<String>) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    // What the platform grants on new objects differs between its regimes.
    let of_platform =
        |item: &trust_schema::import::inventory::Item| item.fate == Fate::DefaultPrivileges && item.label().contains("in schema public");
    for item in inventory.items.iter().filter(|item| item.fate != Fate::Alias && !left.contains(&item.label()) && !of_platform(item)) {
        lines.insert(format!("{}: {} | {}", item.label(), item.up.as_deref().unwrap_or_default(), item.owner.as_deref().unwrap_or_default()));
    }
    let is_left = |text: &str| left.iter().filter_map(|left| left.rsplit(' ').next()).any(|left| text.contains(left));
    for one in inventory.privileges.values().flatten().filter(|one| !one.column.contains("IN SCHEMA public") && !is_left(&one.target)) {
        lines.insert(format!("{} may {} {} {} {}", one.grantee, one.word, one.target, one.column, one.grantable));
    }
    for remark in inventory.comments.values().flatten().filter(|remark| !is_left(&remark.identity)) {
        lines.insert(format!("comment on {} {}: {}", remark.kind, remark.identity, remark.text));
    }
    lines
}

/// Imports a database, applies the spec to an empty one, and compares the two: as Catalogs, and by everything that the inventory knows.
pub async fn comes_back(major: u32, original: &Scratch, copy: &Scratch, what: &str) -> Imported {
    let imported = import(original, &[]).await;
    if std::env::var("TRUST_IMPORT_DUMP").is_ok() {
        let folder = Path::new("/tmp/imported").join(what);
        for file in &imported.files {
            let path = folder.join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.text).unwrap();
        }
    }
    let left: Vec<String> = imported
        .findings
        .iter()
        .filter(|finding| finding.became == Became::Left)
        .map(|finding| format!("{}: {}", finding.object, finding.reason))
        .collect();
    eprintln!("PostgreSQL {major}, {what}: not imported: {left:#?}");
    // What has to be there before, which a platform brings or an administrator installs.
    let administrator = copy.connect_as_administrator().await.unwrap();
    let installed = original.connect_as_administrator().await.unwrap();
    let query = "select format('create schema if not exists %I; create extension if not exists %I schema %I', n.nspname, e.extname, n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname <> 'plpgsql'";
    for row in installed.query(query, &[]).await.unwrap() {
        execute(&administrator, row.get(0)).await;
    }
    apply(copy, &imported).await;
    equal(major, original, copy, &imported, what).await;
    imported
}

pub async fn equal(major: u32, original: &Scratch, copy: &Scratch, imported: &Imported, what: &str) {
    let left: BTreeSet<String> =
        imported.findings.iter().filter(|finding| finding.became == Became::Left).map(|finding| finding.object.clone()).collect();
    let (first, second) = (original.connect_as_administrator().await.unwrap(), copy.connect_as_administrator().await.unwrap());
    let (before, after) = (introspect::readable(&first, None).await.unwrap().0, introspect::readable(&second, None).await.unwrap().0);
    let differences: Vec<String> = compare(&before, &after, Expressions::Compared)
        .iter()
        .map(ToString::to_string)
        .filter(|line| !left.iter().any(|left| line.contains(left.as_str())))
        .collect();
    assert!(differences.is_empty(), "PostgreSQL {major}, {what}: catalogs differ:\n{}", differences.join("\n"));
    let (before, after) = (lines(&inventory(&first).await.unwrap(), &left), lines(&inventory(&second).await.unwrap(), &left));
    let missing: Vec<&String> = before.difference(&after).collect();
    let added: Vec<&String> = after.difference(&before).collect();
    assert!(missing.is_empty() && added.is_empty(), "PostgreSQL {major}, {what}:\nlost {missing:#?}\nadded {added:#?}");
}
