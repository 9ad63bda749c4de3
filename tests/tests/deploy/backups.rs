//! The backup before a change: made, verified, refused.

use std::process::Command;

use tests::postgres;
use trust_schema::live::deploy::backup::{Backup, secure};
use trust_schema::live::deploy::{BackupChoice, plan};
use trust_schema::live::server::{Platform, Regime};

use crate::support::{connection, database, deployed, difference, quick, state, system, url};

#[tokio::test]
async fn a_backup_is_made_and_can_be_restored() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = database(&cluster, Regime::Hardened).await;
    let direct = connection(&cluster, &database);
    deployed(&direct, system()).await;
    let server = plan::plan(&direct, system(), &quick()).await.expect("a plan").server;
    let folder = tempfile::tempdir().expect("a folder");
    let made = match secure(&BackupChoice::Run(folder.path().join("backups")), &direct, &server, "now") {
        // Servers that npm brings come without `pg_dump`.
        Err(stop) if stop.message.contains("there is no `pg_dump`") => {
            eprintln!("backups: not run: {stop}");
            return;
        }
        made => made.unwrap_or_else(|stop| panic!("{stop}")),
    };
    let Backup::File { path, bytes, entries, .. } = &made else { panic!("{made:?}") };
    assert!(*bytes > 10_000 && *entries > 300, "{made:?}");
    // Only we may read it, and no repository takes it.
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(folder.path().join("backups/.gitignore")).expect("a file"), "*\n");

    // Restored into an empty database, it is the same.
    // Not into a new Supabase project: its default privileges would be added to what the archive says.
    let restored = cluster.scratch(Platform::Plain, &[]).await.expect("a database");
    let place = format!("postgresql://postgres@/{}?host={}", restored.name(), cluster.directory().display());
    let output = Command::new(path_of("pg_restore", server.major)).args(["--dbname", &place]).arg(path).output().expect("pg_restore");
    // `public` is there already; anything else would be a problem.
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let errors: Vec<&str> = told.lines().filter(|line| line.contains("error:") && !line.contains("schema \"public\" already exists")).collect();
    assert!(errors.is_empty(), "{told}");
    assert_eq!(difference(&state(&database).await, &state(&restored).await), None);

    // The same file, named by somebody: accepted; damaged, of another database, of another kind: not.
    let verify = |file: &std::path::Path| secure(&BackupChoice::File(file.to_owned()), &direct, &server, "now");
    assert!(verify(path).is_ok());
    let bytes = std::fs::read(path).expect("a file");
    let write = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).expect("written");
        file
    };
    let other = trust_schema::live::deploy::checks::Server { database: "other".to_owned(), ..server.clone() };
    let of_other = secure(&BackupChoice::File(path.clone()), &direct, &other, "now").expect_err("of another database");
    assert!(of_other.message.contains("is of the database"), "{of_other}");
    let plain = Command::new(path_of("pg_dump", server.major)).arg(url(&cluster, &database)).output().expect("pg_dump").stdout;
    assert!(verify(&write("plain.sql", &plain)).is_ok());
    for (what, file) in [
        ("cut short", write("cut.dump", &bytes[..200])),
        ("a plain one cut short", write("cut.sql", &plain[..plain.len() / 2])),
        ("something else", write("else.dump", b"select 1;")),
        ("empty", write("empty.dump", b"")),
        ("missing", folder.path().join("missing.dump")),
        ("a folder", folder.path().to_owned()),
    ] {
        assert_eq!(verify(&file).expect_err(what).code, "backup", "{what}");
    }
    let none = secure(&BackupChoice::None("a test".to_owned()), &direct, &server, "now").expect("no backup");
    assert_eq!(none, Backup::None { reason: "a test".to_owned() });
}

/// A program of the server's version, as the deployer finds it.
fn path_of(name: &str, major: u32) -> std::path::PathBuf {
    let debian = std::path::PathBuf::from(format!("/usr/lib/postgresql/{major}/bin/{name}"));
    if debian.exists() { debian } else { std::path::PathBuf::from(name) }
}
