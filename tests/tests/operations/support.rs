//! The compiled spec, and databases that hold it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tests::postgres;
use tokio_postgres::{Client, SimpleQueryMessage};
use trust_schema::emit::sql::Surroundings;
use trust_schema::emit::{Files, contract, documents, monitoring, operations, sql, verification};
use trust_schema::live::server::{Regime, Scratch};
use trust_schema::resolve;
use trust_schema::source::SourceFile;

/// A row of a verification.
#[derive(Debug)]
pub struct Check {
    pub check: String,
    pub object: String,
    pub expected: String,
    pub actual: String,
    pub passed: bool,
}

/// The files that `spec/` compiles to.
pub fn files() -> &'static Files {
    static FILES: LazyLock<Files> = LazyLock::new(|| compile(spec()));
    &FILES
}

/// The files of a spec; nothing but the emitters under test and the migrations.
pub fn compile(spec: Vec<SourceFile>) -> Files {
    let resolved = resolve::resolve(spec);
    let resolution = resolved.resolution.unwrap_or_else(|| panic!("{:#?}", resolved.diagnostics));
    let surroundings = Surroundings::new(&resolution, &resolved.sources);
    let mut files = Files::default();
    sql::migration::emit(&surroundings, &mut files);
    sql::rollback::emit(&surroundings, &mut files);
    verification::emit_of_each(&surroundings, &mut files);
    verification::emit_whole(&surroundings, &mut files);
    operations::emit(&surroundings, &mut files);
    monitoring::emit(&surroundings, &mut files);
    contract::emit(&surroundings, &mut files);
    documents::emit(&surroundings, &mut files).unwrap();
    files
}

/// The files of `spec/`.
pub fn spec() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.push(SourceFile { path: name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

pub fn file(path: &str) -> &'static str {
    files().0.get(path).unwrap_or_else(|| panic!("no file {path}"))
}

/// A database with all migrations applied, and a session of whoever deployed them.
pub async fn deployed(regime: Regime) -> (Scratch, Client) {
    let database = postgres::database(postgres::any_major(), regime).await;
    let client = database.connect().await.unwrap();
    for (path, text) in files().iter().filter(|(path, _)| path.starts_with("migrations/")) {
        client.batch_execute(&format!("begin;\n{text}\ncommit;")).await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
    (database, client)
}

/// Runs a verification as any client does: as one simple query.
pub async fn verify(client: &Client, query: &str) -> Vec<Check> {
    let messages = client.simple_query(query).await.unwrap_or_else(|error| panic!("the verification failed itself: {error:?}"));
    let text = |row: &tokio_postgres::SimpleQueryRow, column: usize| row.get(column).unwrap_or("NULL").to_owned();
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some(Check { check: text(row, 0), object: text(row, 1), expected: text(row, 2), actual: text(row, 3), passed: row.get(4) == Some("t") })
        }
        _ => None,
    });
    rows.collect()
}

pub fn failed(checks: &[Check]) -> Vec<&Check> {
    checks.iter().filter(|check| !check.passed).collect()
}
