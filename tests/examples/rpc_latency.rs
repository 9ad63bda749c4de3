//! What each function costs its callers: `cargo run --release -p tests --example rpc_latency [-- <rows>…]`.
//!
//! Starts a throw-away cluster, fills the tables of Trust-lite to 100, 10 000 and 1 000 000 rows, and runs every script of
//! `generated/benchmark` with pgbench: two clients for two seconds each, then the mixed load of 16 connections. The cluster has `fsync` off
//! and its data in memory where there is room: the figures are those of the processor, not of a disk.
//! `TRUST_SCHEMA_TEST_MAJORS` chooses the version; `TRUST_BENCHMARK_ONLY` names the scripts to run.

use std::path::{Path, PathBuf};
use std::process::Command;

use tests::{benchmark, postgres};
use trust_schema::live::server::{AUTHENTICATOR, Cluster, DEPLOYER, Platform, Regime};

const SCALES: [u32; 3] = [100, 10_000, 1_000_000];
const SECONDS: &str = "2";

/// Latencies in milliseconds.
struct Figures {
    mean: f64,
    p99: f64,
    per_second: f64,
    /// Share of the calls.
    errors: f64,
}

fn main() {
    let scales: Vec<u32> = std::env::args().skip(1).map(|rows| rows.parse().expect("a number of rows")).collect();
    let scales = if scales.is_empty() { SCALES.to_vec() } else { scales };
    let only = std::env::var("TRUST_BENCHMARK_ONLY").unwrap_or_default();
    let major = postgres::any_major();
    let cluster = postgres::own_cluster(major);
    let pgbench = pgbench(&cluster);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in benchmark::files().iter().filter(|(path, _)| path.starts_with("benchmark/")) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        std::fs::write(path, text).expect("a script is written");
    }
    println!("PostgreSQL {major}, fsync off, 2 clients for {SECONDS} s each; latencies in ms");
    for rows in scales {
        let database = runtime.block_on(cluster.scratch(Platform::Supabase(Regime::Hardened), &[])).expect("a database is made");
        let start = std::time::Instant::now();
        runtime.block_on(benchmark::deploy(&database, rows));
        println!("\n## {rows} rows (filled in {:.0} s)\n", start.elapsed().as_secs_f64());
        let bench = |role: &str, clients: &str, files: &[String]| {
            let place = Place { pgbench: &pgbench, cluster: &cluster, folder: folder.path(), database: database.name(), rows };
            run(&place, role, clients, files)
        };
        let one = |role: &str, file: &str| bench(role, "2", &[file.to_owned()]);
        let select = one(AUTHENTICATOR, "select_1.sql");
        let gateway = one(AUTHENTICATOR, "gateway.sql");
        println!("| script | mean | p99 | calls/s | errors | mean / select 1 | mean / empty request | bare mean | mean / bare |");
        println!("|---|---|---|---|---|---|---|---|---|");
        for (name, figures) in [("select 1", &select), ("empty request", &gateway)] {
            let Figures { mean, p99, per_second, errors } = figures;
            println!(
                "| {name} | {mean:.3} | {p99:.3} | {per_second:.0} | {:.2} % | {:.1} | {:.1} | | |",
                errors * 100.0,
                mean / select.mean,
                mean / gateway.mean
            );
        }
        for (name, _) in benchmark::scripts().filter(|(name, _)| only.is_empty() || only.split(',').any(|only| only == *name)) {
            let Figures { mean, p99, per_second, errors } = one(AUTHENTICATOR, &format!("{name}.sql"));
            let bare = one(DEPLOYER, &format!("bare/{name}.sql"));
            println!(
                "| {name} | {mean:.3} | {p99:.3} | {per_second:.0} | {:.2} % | {:.1} | {:.1} | {:.3} | {:.1} |",
                errors * 100.0,
                mean / select.mean,
                mean / gateway.mean,
                bare.mean,
                mean / bare.mean
            );
        }
        let mixed = benchmark::files().0.get("benchmark/mixed_load.txt").expect("there is a mixed load");
        let files: Vec<String> = mixed.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        let Figures { mean, p99, per_second, errors } = bench(AUTHENTICATOR, "16", &files);
        let holds = mean < 50.0 && errors < 0.001;
        println!(
            "\nmixed load, 16 connections: mean {mean:.3} ms, p99 {p99:.3} ms, {per_second:.0} calls/s, errors {:.3} %: {}",
            errors * 100.0,
            if holds { "within 50 ms and 0.1 %" } else { "NOT within 50 ms and 0.1 %" }
        );
    }
}

/// pgbench of the server itself, else the newest of the machine.
fn pgbench(cluster: &Cluster) -> PathBuf {
    let own = cluster.server().binaries.join("pgbench");
    let debian = (10..30).rev().map(|major| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin/pgbench")));
    std::iter::once(own).chain(debian).find(|path| path.exists()).expect("pgbench comes with the package of the server: apt-get install postgresql")
}

struct Place<'a> {
    pgbench: &'a Path,
    cluster: &'a Cluster,
    folder: &'a Path,
    database: &'a str,
    rows: u32,
}

fn run(place: &Place<'_>, role: &str, clients: &str, files: &[String]) -> Figures {
    let scripts = place.folder.join("benchmark");
    let prefix = scripts.join("log");
    let mut command = Command::new(place.pgbench);
    command.arg("--host").arg(place.cluster.directory()).args(["--username", role, "--no-vacuum", "--protocol=prepared", "--log", "--jobs=1"]);
    command.arg(format!("--log-prefix={}", prefix.display())).arg(format!("--define=rows={}", place.rows));
    command.args(["--client", clients, "--time", SECONDS, "--max-tries=1"]);
    command.args(files.iter().map(|file| format!("--file={}", scripts.join(file).display())));
    let output = command.arg(place.database).output().expect("pgbench runs");
    let told = String::from_utf8_lossy(&output.stderr);
    let aborted = told.lines().filter(|line| line.contains("aborted")).inspect(|line| eprintln!("{files:?}: {line}")).count();
    if !output.status.success() && aborted == 0 {
        panic!("pgbench {files:?}: {told}");
    }
    // client, number, microseconds (or `failed`), …: one line for each transaction.
    let mut latencies = Vec::new();
    let mut failed = aborted;
    for entry in std::fs::read_dir(&scripts).expect("the logs are readable") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("log.")) {
            let log = std::fs::read_to_string(&path).expect("a log is readable");
            for field in log.lines().filter_map(|line| line.split(' ').nth(2)) {
                match field.parse::<f64>() {
                    Ok(microseconds) => latencies.push(microseconds / 1000.0),
                    Err(_) => failed += 1,
                }
            }
            std::fs::remove_file(path).expect("a log is removed");
        }
    }
    assert!(!latencies.is_empty() || failed > 0, "pgbench {files:?} ran nothing: {told}");
    latencies.sort_by(f64::total_cmp);
    let count = latencies.len().max(1) as f64;
    let seconds: f64 = SECONDS.parse().expect("a number");
    Figures {
        mean: latencies.iter().sum::<f64>() / count,
        p99: latencies.get(latencies.len().saturating_sub(1).min(latencies.len() * 99 / 100)).copied().unwrap_or(f64::NAN),
        per_second: latencies.len() as f64 / seconds,
        errors: failed as f64 / (latencies.len() + failed).max(1) as f64,
    }
}
