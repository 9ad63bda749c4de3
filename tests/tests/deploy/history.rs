//! History that was tampered with, is missing, reordered, or of somebody else; and what the Supabase CLI makes of ours.

use tests::postgres;
use trust_schema::emit::Files;
use trust_schema::live::deploy::migration::{self, System};
use trust_schema::live::deploy::{Allow, Options};
use trust_schema::live::server::{Regime, Scratch};

use crate::support::{Tally, connection, database, deploy, deployed, difference, quick, reference, state, system};

async fn run(database: &Scratch, sql: &str) {
    database.connect().await.expect("a session").batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// Each is done to history after four migrations; then nothing may be applied.
const TAMPERED: [(&str, &str); 8] = [
    (
        "update supabase_migrations.schema_migrations set statements[1] = 'CREATE SCHEMA trust_privat' where version = '20260224020001'",
        "history-tampered",
    ),
    ("update supabase_migrations.schema_migrations set statements = statements[2:] where version = '20260224020002'", "history-tampered"),
    (
        "update supabase_migrations.schema_migrations set statements = statements || array['SELECT 1'] where version = '20260224020003'",
        "history-tampered",
    ),
    ("update supabase_migrations.schema_migrations set name = 'other' where version = '20260224020004'", "history-tampered"),
    ("delete from supabase_migrations.schema_migrations where version = '20260224020002'", "out-of-order"),
    ("insert into supabase_migrations.schema_migrations (version, name) values ('20250101000000', 'of_others')", "foreign-history"),
    ("update supabase_migrations.schema_migrations set version = '20260224020009' where version = '20260224020004'", "foreign-history"),
    ("alter table supabase_migrations.schema_migrations alter version type bigint using version::bigint", "odd-history"),
];

#[tokio::test]
async fn history_that_does_not_fit_is_refused() {
    let cluster = postgres::cluster(postgres::any_major());
    let mut tally = Tally::new("history tampered with, missing, reordered, foreign");
    let template = async |database: &Scratch| {
        let options = Options { to: Some("20260224020004".to_owned()), ..quick() };
        deploy(&connection(&postgres::cluster(postgres::any_major()), database), system(), &options).await.expect("four migrations");
    };
    for (sql, code) in TAMPERED {
        let database = postgres::copy_of_template(postgres::any_major(), Regime::Hardened, "four migrations", template).await;
        run(&database, sql).await;
        let held = state_without_versions(&database).await;
        let refused = deploy(&connection(&cluster, &database), system(), &quick()).await;
        let problem = match refused {
            Err(stop) if stop.code == code && stop.help.is_some() => {
                (state_without_versions(&database).await != held).then(|| "it was changed".to_owned())
            }
            other => Some(format!("{other:?}")),
        };
        tally.add(sql, problem);
    }
    tally.finish();
}

/// Where history cannot be read as such, its objects are all there is to compare.
async fn state_without_versions(database: &Scratch) -> std::collections::BTreeMap<String, String> {
    let administrator = database.connect_as_administrator().await.expect("a session");
    let sql = "select c.oid::regclass::text, coalesce(c.relacl::text, '') from pg_class c where c.relnamespace::regnamespace::text !~ '^pg_'";
    administrator.query(sql, &[]).await.expect("relations").iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Every class of byte of an applied file is changed: what means something is refused, what means nothing is not.
#[tokio::test]
async fn an_applied_file_that_was_changed_is_refused() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = database(&cluster, Regime::Hardened).await;
    let connection = connection(&cluster, &database);
    deployed(&connection, system()).await;
    let mut tally = Tally::new("applied files changed: letters, digits, order, line ends, byte order mark, doubled, renamed");
    let original = &crate::support::compiled().1;
    let path = "migrations/20260224020005_phase1_trust_core.sql";
    let text = original.0.get(path).expect("a migration").clone();
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    let mut swapped = paragraphs.clone();
    swapped.swap(3, 5);
    let changes: Vec<(&str, String, Option<&str>)> = vec![
        ("a letter", text.replacen("CREATE", "CREATF", 1), Some("history-tampered")),
        ("a digit", text.replacen("100", "101", 1), Some("history-tampered")),
        ("a letter of a string", text.replacen("'user'", "'User'", 1), Some("history-tampered")),
        ("order", swapped.join("\n\n"), Some("history-tampered")),
        ("less", paragraphs[..paragraphs.len() - 1].join("\n\n"), Some("history-tampered")),
        ("twice", format!("{text}\n{text}"), Some("history-tampered")),
        ("a byte order mark", format!("\u{feff}{text}"), Some("unreadable-file")),
        ("an open quote", format!("{text}'"), Some("unreadable-file")),
        ("COMMIT", format!("{text}\ncommit;"), Some("transaction-control")),
        // The body of a function is text, and its line ends are a part of it.
        ("line ends", text.replace('\n', "\r\n"), Some("history-tampered")),
        ("a comment", format!("-- reviewed\n{text}"), None),
        ("spaces at the end", format!("{text}\n\n  \n"), None),
    ];
    for (what, changed, code) in changes {
        let mut files = original.clone();
        files.0.insert(path.to_owned(), changed);
        tally.add(what, problem(&connection, files, code).await);
    }
    let mut renamed = original.clone();
    renamed.0.remove(path);
    renamed.0.insert("migrations/20260224020005_other.sql".to_owned(), text.clone());
    tally.add("renamed", problem(&connection, renamed, Some("history-tampered")).await);
    let mut gone = original.clone();
    gone.0.remove(path);
    tally.add("gone", problem(&connection, gone, Some("foreign-history")).await);
    for (what, name, code) in [
        ("late", "migrations/20260224020004_late.sql", "duplicate-version"),
        ("between", "migrations/202602240200045_late.sql", "out-of-order"),
        ("odd", "migrations/late.sql", "migration-name"),
    ] {
        let mut files = original.clone();
        files.0.insert(name.to_owned(), "select 1;".to_owned());
        tally.add(what, problem(&connection, files, Some(code)).await);
    }
    tally.finish();
}

async fn problem(connection: &trust_schema::live::deploy::connection::Connection, files: Files, code: Option<&str>) -> Option<String> {
    let resolution = &crate::support::compiled().0;
    let system: Result<System, _> = migration::system(resolution, files.clone());
    let outcome = match system {
        Ok(system) => deploy(connection, &system, &quick()).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    match (outcome, code) {
        (Ok(()), None) => None,
        (Err(stop), Some(code)) if stop.code == code => None,
        (outcome, code) => Some(format!("{code:?} expected, {outcome:?} found")),
    }
}

/// The history of others stays as it is where it is allowed.
#[tokio::test]
async fn others_may_deploy_into_the_same_database() {
    let cluster = postgres::cluster(postgres::any_major());
    let reference = reference(postgres::any_major(), Regime::Legacy).await;
    let database = database(&cluster, Regime::Legacy).await;
    // As the Supabase CLI makes it, in an old version without `name`.
    run(&database, "create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text not null primary key, statements text[]);
                    insert into supabase_migrations.schema_migrations values ('20990101000000', array['select 1'])").await;
    let connection = connection(&cluster, &database);
    assert_eq!(deploy(&connection, system(), &quick()).await.expect_err("it is foreign").code, "foreign-history");
    let options = Options { allow: [Allow::ForeignHistory].into(), ..quick() };
    let report = deploy(&connection, system(), &options).await.expect("a report");
    assert!(report.is_fine(), "{report:#?}");
    run(&database, "delete from supabase_migrations.schema_migrations where version = '20990101000000'").await;
    assert_eq!(difference(reference.last(), &state(&database).await), None);
}

/// The Supabase CLI splits files its own way, and keeps comments: what it has recorded is known to be the same.
#[tokio::test]
async fn what_the_supabase_cli_has_applied_is_known() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = database(&cluster, Regime::Hardened).await;
    let client = database.connect().await.expect("a session");
    client
        .batch_execute(
            "CREATE SCHEMA IF NOT EXISTS supabase_migrations;
             CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY);
             ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[];
             ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text",
        )
        .await
        .expect("its table");
    let half = &system().migrations[..3];
    for (place, migration) in half.iter().enumerate() {
        client.batch_execute(&format!("begin;\n{}\ncommit;", migration.file.text)).await.expect("applied");
        // With their comments; and, by an old version, without any statements.
        let mut statements = Vec::new();
        let mut start = 0;
        for statement in &migration.statements {
            statements.push(migration.file.text[start..statement.range.end].trim().to_owned());
            start = statement.range.end + 1;
        }
        let statements = if place == 1 { None } else { Some(statements) };
        let sql = "INSERT INTO supabase_migrations.schema_migrations(version, name, statements) VALUES($1, $2, $3)";
        client.execute(sql, &[&migration.version, &migration.name, &statements]).await.expect("recorded");
    }
    let report = deployed(&connection(&cluster, &database), system()).await;
    assert_eq!(report.applied.len(), system().migrations.len() - 3);
    let reference = reference(postgres::any_major(), Regime::Hardened).await;
    assert_eq!(difference(reference.last(), &state(&database).await), None);
}
