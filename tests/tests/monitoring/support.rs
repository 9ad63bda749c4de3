//! A deployed system, its monitoring role, and scrapes of it: the queries as both exporters send them.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::postgres;
use tokio_postgres::Client;
use trust_schema::live::server::{DEPLOYER, Regime, Scratch};

use crate::node;
use crate::spec::{monitoring, outputs};

/// A query of the exporter.
pub struct Query {
    pub name: String,
    pub sql: String,
    pub labels: Vec<String>,
    pub metrics: Vec<String>,
}

/// YAML as JSON, read by a parser that has nothing to do with the one that wrote it.
pub fn yaml(text: &str) -> Value {
    let folder = node::folder();
    std::fs::write(folder.path().join("file.yaml"), text).unwrap();
    let program =
        "import { parse } from 'yaml'; import { readFileSync } from 'node:fs'; console.log(JSON.stringify(parse(readFileSync('file.yaml', 'utf8'))))";
    std::fs::write(folder.path().join("parse.mjs"), program).unwrap();
    let output = node::run(Command::new("node").arg("parse.mjs").current_dir(folder.path()));
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The queries of the collector, in their order.
pub fn queries() -> &'static [Query] {
    static QUERIES: LazyLock<Vec<Query>> = LazyLock::new(|| {
        let collector = yaml(monitoring("trust.collector.yml"));
        let metrics = collector["metrics"].as_array().unwrap();
        let of = |query: &Value| {
            let name = query["query_name"].as_str().unwrap().to_owned();
            let own: Vec<&Value> = metrics.iter().filter(|metric| metric["query_ref"] == query["query_name"]).collect();
            let labels = own[0]["key_labels"].as_array().map(|labels| labels.iter().map(text).collect()).unwrap_or_default();
            let columns = own.iter().map(|metric| text(&metric["values"][0])).collect();
            Query { name, sql: query["query"].as_str().unwrap().to_owned(), labels, metrics: columns }
        };
        collector["queries"].as_array().unwrap().iter().map(of).collect()
    });
    &QUERIES
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}")).to_owned()
}

/// A database with all migrations, and a role that may read the monitors.
pub struct Deployed {
    pub database: Scratch,
    pub deployer: Client,
    pub administrator: Client,
    pub role: String,
}

pub async fn deployed(major: u32, regime: Regime) -> Deployed {
    let database = postgres::database(major, regime).await;
    let administrator = database.connect_as_administrator().await.unwrap();
    let role = format!("monitor_{}", database.name());
    let prepare = format!("alter database \"{}\" set track_functions = 'all'; create role \"{role}\" login noinherit", database.name());
    for statement in prepare.split("; ") {
        administrator.batch_execute(statement).await.unwrap();
    }
    let deployer = database.connect().await.unwrap();
    for (path, text) in outputs().iter().filter(|(path, _)| path.starts_with("migrations/")) {
        deployer.batch_execute(&format!("begin;\n{text}\ncommit;")).await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
    grant(&database, &deployer, major, &role).await;
    Deployed { database, deployer, administrator, role }
}

/// Runs `role.sql` as its head says; without psql, with its variable put in by hand.
async fn grant(database: &Scratch, deployer: &Client, major: u32, role: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), monitoring("role.sql")).unwrap();
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--single-transaction", "--quiet", "--set", "ON_ERROR_STOP=1", "--set", &format!("role={role}")])
        .arg(format!("--file={}", file.path().display()))
        .env("PGHOST", postgres::cluster(major).directory())
        .env("PGUSER", DEPLOYER)
        .env("PGDATABASE", database.name());
    match psql.output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("not run: psql ({error}); role.sql runs with its variable put in by hand");
            deployer.batch_execute(&monitoring("role.sql").replace(":\"role\"", &format!("\"{role}\""))).await.unwrap();
        }
    }
}

/// Samples by `metric{label="value",…}`.
pub type Samples = BTreeMap<String, f64>;

/// Runs every query as the exporter's role.
pub async fn scrape(client: &Client) -> Samples {
    let mut samples = Samples::new();
    for query in queries() {
        scrape_one(client, query, &mut samples).await;
    }
    samples
}

pub async fn scrape_one(client: &Client, query: &Query, samples: &mut Samples) {
    let rows = client.query(&query.sql, &[]).await.unwrap_or_else(|error| panic!("{}: {error:?}\n{}", query.name, query.sql));
    for row in rows {
        let labels: Vec<String> = query.labels.iter().map(|label| format!("{label}=\"{}\"", row.get::<_, String>(label.as_str()))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        for metric in &query.metrics {
            let key = format!("{}_{metric}{labels}", query.name);
            assert!(samples.insert(key.clone(), row.get::<_, f64>(metric.as_str())).is_none(), "{key} twice in one scrape: an exporter refuses that");
        }
    }
}

/// Scrapes until it holds: PostgreSQL publishes a session's statistics when the session ends, or after a second.
pub async fn scrape_until(client: &Client, holds: impl Fn(&Samples) -> bool) -> Samples {
    let begun = Instant::now();
    loop {
        let samples = scrape(client).await;
        if holds(&samples) {
            return samples;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{samples:#?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
