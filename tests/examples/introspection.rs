//! Times reading a large database beside `pg_dump --schema-only` of the same one, in one run:
//! `cargo build --release -p trust-schema && cargo run --release -p tests --example introspection -- 1000 10000`.
//! Prints medians of whole processes, the ratio to `pg_dump`, the ratio of the time for each table to that of the smallest size (about 1 where
//! growth is linear), and peak memory.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tests::{large_spec, measure, postgres};
use trust_schema::compile::compile;
use trust_schema::live::introspect::introspect;
use trust_schema::live::server::{Cluster, DEPLOYER, Platform, Regime, connect, parse_url};

const RUNS: usize = 5;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, url] = arguments.as_slice()
        && word == "read"
    {
        let client = connect(&parse_url(url)?).await?;
        println!("{} objects", introspect(&client, None).await?.len());
        return Ok(());
    }
    let sizes: Vec<usize> = arguments.iter().map(|size| size.parse()).collect::<Result<_, _>>()?;
    println!("{:>8} {:>14} {:>11} {:>12} {:>10} {:>10}", "tables", "what", "median ms", "to pg_dump", "growth", "peak MiB");
    let mut smallest: Vec<f64> = Vec::new();
    for tables in if sizes.is_empty() { vec![1_000, 10_000] } else { sizes } {
        let measured = size(tables).await?;
        let dump = measured.first().map_or(1.0, |(_, time, _)| time.as_secs_f64());
        for (place, (what, time, peak)) in measured.iter().enumerate() {
            let each = time.as_secs_f64() / tables as f64;
            if smallest.len() <= place {
                smallest.push(each);
            }
            let (time, growth) = (time.as_secs_f64(), each / smallest.get(place).copied().unwrap_or(each));
            println!("{tables:>8} {what:>14} {:>11.0} {:>12.2} {growth:>10.2} {:>10}", time * 1000.0, time / dump, peak / 1024);
        }
    }
    Ok(())
}

/// What is measured, its median time and its peak memory in KiB; `pg_dump` first.
async fn size(tables: usize) -> Outcome<Vec<(&'static str, Duration, u64)>> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/trust-schema");
    if !program.exists() {
        return Err("build it first: cargo build --release -p trust-schema".into());
    }
    let folder = tempfile::tempdir()?;
    let spec = folder.path().join("spec");
    std::fs::create_dir_all(&spec)?;
    let files = large_spec::files(tables);
    for file in &files {
        std::fs::write(spec.join(&file.path), &file.text)?;
    }
    let outputs = compile(files).outputs.ok_or("the large spec does not compile")?;
    // pg_dump locks every table.
    let cluster = Cluster::start_with(&postgres::server(postgres::any_major()), postgres::environment(), &["max_locks_per_transaction=2048"])?;
    let database = cluster.scratch(Platform::Supabase(Regime::Hardened), &[]).await?;
    let deployer = database.connect().await?;
    for (path, text) in outputs.0.iter().filter(|(path, _)| path.starts_with("migrations/")) {
        deployer.batch_execute(&format!("begin;\n{text}\ncommit;")).await.map_err(|error| format!("{path}: {error:?}"))?;
    }
    drop((deployer, outputs));
    // As autovacuum leaves the catalogs of a database that is in use.
    database.connect_as_administrator().await?.batch_execute("vacuum analyze").await?;
    let url = format!("postgresql://{DEPLOYER}@/{}?host={}", database.name(), cluster.directory().display());
    let mut dump = Command::new(cluster.server().binaries.join("pg_dump"));
    dump.args(["--schema-only", "--file=/dev/null"]).arg(url.replace(DEPLOYER, "postgres"));
    let mut read = Command::new(std::env::current_exe()?);
    read.arg("read").arg(&url);
    let mut verify = Command::new(program);
    verify.arg("verify").arg("--spec").arg(&spec).arg("--db").arg(&url);
    let mut commands = [("pg_dump", dump), ("introspection", read), ("verify --db", verify)];
    let mut measured: Vec<(Vec<Duration>, u64)> = vec![Default::default(); commands.len()];
    // In turns, so that what else the machine does hits all.
    for _ in 0..RUNS {
        for ((_, command), (times, peak)) in commands.iter_mut().zip(&mut measured) {
            let (time, memory) = measure::run(command)?;
            times.push(time);
            *peak = memory.max(*peak);
        }
    }
    Ok(commands.iter().zip(&mut measured).map(|((what, _), (times, peak))| (*what, measure::median(times), *peak)).collect())
}
