//! The benchmarks of `spec/`, deployed and filled on a server of the tests.

use std::path::Path;
use std::sync::LazyLock;

use tokio_postgres::Client;
use trust_schema::build;
use trust_schema::emit::Files;
use trust_schema::live::server::Scratch;

/// Every output of `spec/`.
///
/// # Panics
/// Where it does not compile.
pub fn files() -> &'static Files {
    static FILES: LazyLock<Files> = LazyLock::new(|| {
        let compilation = build::compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")).expect("the spec can be read");
        compilation.outputs.unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics))
    });
    &FILES
}

/// The scripts that call functions: names and texts.
pub fn scripts() -> impl Iterator<Item = (&'static str, &'static str)> {
    let inside = |(path, text): (&'static str, &'static str)| path.strip_prefix("benchmark/").map(|name| (name, text));
    let scripts = files().iter().filter_map(inside).filter_map(|(name, text)| Some((name.strip_suffix(".sql")?, text)));
    scripts.filter(|(name, _)| !name.contains('/') && !["fill", "gateway", "select_1"].contains(name))
}

/// Applies all migrations, fills the tables with so many rows and lets PostgreSQL look at them.
///
/// # Panics
/// Where a statement fails.
pub async fn deploy(database: &Scratch, rows: u32) {
    let client = database.connect().await.expect("the deployer connects");
    for (path, text) in files().iter().filter(|(path, _)| path.starts_with("migrations/")) {
        client.batch_execute(&format!("begin;\n{text}\ncommit;")).await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
    let fill = files().0.get("benchmark/fill.sql").expect("the spec fills tables");
    let fill = fill.replace(":'rows'", &format!("'{rows}'"));
    client.batch_execute(&format!("begin;\n{fill}\ncommit;")).await.unwrap_or_else(|error| panic!("fill: {error:?}"));
    // Some of the tables are the platform's.
    run(&database.connect_as_administrator().await.expect("the administrator connects"), "vacuum analyze").await;
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// The SQL of a script, with every variable of pgbench set to one number.
pub fn with_number(script: &str, number: u32) -> String {
    let (sets, sql): (Vec<&str>, Vec<&str>) = script.lines().partition(|line| line.starts_with("\\set "));
    let mut sql = sql.join("\n");
    for name in sets.iter().filter_map(|line| line.split_whitespace().nth(1)) {
        sql = sql.replace(&format!(":{name}"), &number.to_string());
    }
    sql
}
