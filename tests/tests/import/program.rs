//! The way that a team goes: import, generate, release, and adopt the database that is there.

use std::path::Path;
use std::process::{Command, Stdio};

use tests::postgres;
use trust_schema::live::server::{DEPLOYER, Regime};

use crate::support;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trust-schema-under-test"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env_remove("CI");
    let output = command.output().expect("the program runs");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), text)
}

#[tokio::test]
async fn a_database_is_adopted() {
    let major = postgres::any_major();
    let (cluster, database) = (postgres::cluster(major), postgres::database(major, Regime::Hardened).await);
    support::run(&database, include_str!("shop.sql")).await;
    let url = format!("postgresql://{DEPLOYER}@/{}?host={}", database.name(), cluster.directory().display());
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    let imported = run(&["import", "--db", &url]);
    assert!(imported.0 == 0 && imported.1.contains("spec/trust.toml") && imported.1.contains("kept as raw SQL"), "{imported:?}");
    let again = run(&["import", "--db", &url]);
    assert!(again.0 == 2 && again.1.contains("not empty"), "{again:?}");
    assert_eq!(run(&["import", "--db", &url, "--schema", "nowhere", "--out", "other"]).0, 2);
    assert!(!folder.path().join("other").exists());
    let generated = run(&["generate"]);
    assert_eq!(generated.0, 0, "{generated:?}");
    assert_eq!(run(&["release"]).0, 0);
    let planned = run(&["plan", "--detailed-exitcode"]);
    assert_eq!(planned.0, 0, "{planned:?}");
    let verified = run(&["verify", "--db", &url]);
    assert_eq!(verified.0, 0, "{verified:?}");
    let refused = run(&["apply", "--yes", "--no-backup", "a test", "--db", &url]);
    assert!(refused.0 == 2 && refused.1.contains("already-there"), "{refused:?}");

    // What was added since stands in the way, and nothing is recorded.
    let client = database.connect().await.unwrap();
    client.batch_execute("create table sales.stray (id integer)").await.unwrap();
    let drifted = run(&["apply", "--baseline", "--yes", "--db", &url]);
    assert!(drifted.0 == 1 && drifted.1.contains("stray") && drifted.1.contains("not-the-baseline"), "{drifted:?}");
    assert!(client.query_one("select to_regclass('supabase_migrations.schema_migrations') is null", &[]).await.unwrap().get::<_, bool>(0));
    client.batch_execute("drop table sales.stray").await.unwrap();
    let unasked = run(&["apply", "--baseline", "--db", &url]);
    assert!(unasked.0 == 2 && unasked.1.contains("not-confirmed"), "{unasked:?}");

    let recorded = run(&["apply", "--baseline", "--yes", "--db", &url]);
    assert!(recorded.0 == 0 && recorded.1.contains("recorded"), "{recorded:?}");
    let migrations = std::fs::read_dir(folder.path().join("generated/migrations")).unwrap().count();
    let rows: i64 = client.query_one("select count(*) from supabase_migrations.schema_migrations", &[]).await.unwrap().get(0);
    assert_eq!(rows as usize, migrations);
    let nothing = run(&["apply", "--yes", "--no-backup", "a test", "--db", &url]);
    assert_eq!(nothing.0, 0, "{nothing:?}");
    let verified = run(&["verify", "--db", &url]);
    assert_eq!(verified.0, 0, "{verified:?}");
    let log = std::fs::read_to_string(folder.path().join("deployments.jsonl")).unwrap();
    assert!(log.contains("\"verb\":\"baseline\"") && log.contains("\"event\":\"done\""), "{log}");
}
