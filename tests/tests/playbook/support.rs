//! The committed outputs, databases that hold them with data, and what a database holds, as a value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tests::postgres;
use tokio_postgres::Client;
use trust_schema::catalog::Catalog;
use trust_schema::live::introspect::introspect;
use trust_schema::live::server::{Cluster, DEPLOYER, Regime, Scratch};
use trust_schema::live::snapshot::{Snapshot, snapshot};

use crate::people::{self, People};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file below `generated/`.
pub fn file(path: &str) -> String {
    let path = root().join("generated").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the migrations, first one first.
pub fn migrations() -> Vec<String> {
    let folder = root().join("generated/migrations");
    let mut names: Vec<String> =
        std::fs::read_dir(folder).expect("migrations").map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Runs a file's text in one transaction, as `psql --single-transaction` does.
pub async fn run(client: &Client, text: &str) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("begin").await?;
    let outcome = client.batch_execute(text).await;
    let end = if outcome.is_ok() { "commit" } else { "rollback" };
    let ended = client.batch_execute(end).await;
    outcome.and(ended)
}

/// Runs a file below `generated/` in one transaction.
pub async fn run_file(client: &Client, path: &str) {
    run(client, &file(path)).await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
}

/// Objects of others in the same database, some of them beside ours.
const OTHERS: &str = "
    create schema crm;
    create table crm.customers (id bigint generated always as identity primary key, user_id uuid references auth.users (id), name text not null);
    create index on crm.customers (name);
    create table public.notes (id int primary key, body text, author uuid references auth.users (id));
    create view crm.names as select name from crm.customers;
    create function crm.count_customers() returns bigint language sql stable as 'select count(*) from crm.customers';
    create function crm.stamp() returns trigger language plpgsql as 'begin return new; end';
    create trigger stamp before insert on auth.users for each row execute function crm.stamp();
    create foreign data wrapper nothing;
    create server elsewhere foreign data wrapper nothing;
    create foreign table crm.remote (id int) server elsewhere;
    insert into crm.customers (name) select 'customer ' || n from generate_series(1, 100) as n;
    insert into public.notes (id, body) select n, repeat('x', n) from generate_series(1, 50) as n;";

/// What a database holds.
#[derive(Debug, PartialEq)]
pub struct State {
    pub catalog: Catalog,
    pub snapshot: Snapshot,
    /// A checksum of the rows of each table.
    pub rows: BTreeMap<String, String>,
}

/// Reads everything, as a superuser.
pub async fn state(database: &Scratch) -> State {
    let administrator = database.connect_as_administrator().await.expect("a session");
    let catalog = introspect(&administrator, None).await.unwrap_or_else(|error| panic!("{error}"));
    let mut snapshot = snapshot(&administrator).await.unwrap_or_else(|error| panic!("{error}"));
    // A copy has another name; the lines of the database itself name it.
    snapshot.lines.retain(|line| !["database", "setting"].contains(&line.class.as_str()));
    State { catalog, snapshot, rows: checksums(&administrator).await }
}

/// A checksum of the rows of each table outside the system's schemas.
pub async fn checksums(administrator: &Client) -> BTreeMap<String, String> {
    let tables = "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'cron')";
    let mut sums = BTreeMap::new();
    for row in administrator.query(tables, &[]).await.expect("tables") {
        let table: String = row.get(0);
        let sum = format!("select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from {table} as t");
        sums.insert(table, administrator.query_one(&sum, &[]).await.expect("a checksum").get(0));
    }
    sums
}

/// A database with the objects of others and users, before any migration; and what it holds then.
pub async fn before(regime: Regime) -> (Scratch, Vec<uuid::Uuid>) {
    let database = postgres::database(postgres::any_major(), regime).await;
    let administrator = database.connect_as_administrator().await.expect("a session");
    administrator.batch_execute(OTHERS).await.expect("the objects of others");
    let users = people::users(&administrator).await;
    (database, users)
}

/// Applies all migrations as the deployer.
pub async fn migrate(deployer: &Client) {
    for name in migrations() {
        run_file(deployer, &format!("migrations/{name}")).await;
    }
}

/// Deployed, and with data in every table.
pub struct Populated {
    pub database: Scratch,
    pub people: People,
    /// What it held before the migrations.
    pub before: State,
}

/// A database with everything.
pub async fn populated(regime: Regime) -> Populated {
    let (database, users) = before(regime).await;
    let before = state(&database).await;
    let deployer = database.connect().await.expect("a session");
    migrate(&deployer).await;
    let people = people::populate(&database, &deployer, users).await;
    Populated { database, people, before }
}

/// The URL of a database, for whoever deploys.
pub fn url(cluster: &Cluster, database: &Scratch) -> String {
    format!("postgresql://{DEPLOYER}@/{}?host={}", database.name(), cluster.directory().display())
}

/// Runs a file below `generated/` with psql, in one transaction.
pub fn psql(cluster: &Cluster, database: &Scratch, path: &str) -> Output {
    let mut command = Command::new("psql");
    command.arg(url(cluster, database)).args(["--no-psqlrc", "--single-transaction", "--set", "ON_ERROR_STOP=1", "--file"]);
    command.arg(root().join("generated").join(path)).env("LC_ALL", "C").output().expect("psql")
}
