//! Servers that crash, fill up, or take no changes any more.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tests::postgres;
use trust_schema::live::deploy::{apply, plan};
use trust_schema::live::server::{Cluster, Regime};

use crate::proxy::{Counting, Fault, Proxy};
use crate::support::{Tally, connection, converges, database, deploy, in_turn, once, quick, reference, spread, system, thinned};

/// A cluster that may be crashed.
fn own() -> Arc<Cluster> {
    Arc::new(postgres::own_cluster(postgres::any_major()))
}

/// Clusters that may be crashed, one of each version that is asked for.
#[derive(Default)]
pub struct Own(BTreeMap<u32, Arc<Cluster>>);

impl Own {
    pub fn of(&mut self, major: u32) -> Arc<Cluster> {
        Arc::clone(self.0.entry(major).or_insert_with(|| Arc::new(postgres::own_cluster(major))))
    }
}

/// How many statements a clean deployment has.
const STATEMENTS: usize = 440;

#[tokio::test]
async fn a_server_process_is_killed() {
    let mut clusters = Own::default();
    let mut tally = Tally::new("server's process killed (SIGKILL) at a statement; the server recovers from a crash");
    for (number, at) in thinned(STATEMENTS, 3).into_iter().enumerate() {
        let major = in_turn(number);
        let cluster = clusters.of(major);
        let reference = reference(major, Regime::Hardened).await;
        let options = if number % 2 == 0 { once() } else { quick() };
        let database = database(&cluster, Regime::Hardened).await;
        kept(&cluster).await;
        let direct = connection(&cluster, &database);
        let planned = plan::plan(&direct, system(), &options).await.expect("a plan");
        let canary = canary(&cluster).await;
        let proxy = Proxy::start(cluster.directory(), Fault::Kill, Counting::Statements, at);
        let outcome = apply::apply(&proxy.connection(&database), system(), &options, &planned, &mut |_| {}).await;
        let problem = if !proxy.has_fired() {
            Some(format!("the fault did not happen: {outcome:?}"))
        } else {
            is_back(&cluster, &canary).await;
            converges(&reference, &direct, &database).await
        };
        tally.add(format!("PostgreSQL {major}, message {at}, {} attempts", options.attempts), problem);
    }
    tally.finish();
}

/// Somebody who is connected, and so sees the server go: a postmaster needs a moment to learn that one of its processes was killed, and takes
/// connections meanwhile, which it ends then.
pub async fn canary(cluster: &Cluster) -> tokio_postgres::Client {
    trust_schema::live::server::connect(&cluster.config("postgres", "postgres")).await.expect("a session")
}

/// Until what the test has set up survives a crash: commits of these servers need not.
pub async fn kept(cluster: &Cluster) {
    canary(cluster).await.batch_execute("checkpoint").await.expect("a checkpoint");
}

/// Until a server that has gone takes connections again.
pub async fn is_back(cluster: &Cluster, canary: &tokio_postgres::Client) {
    for _ in 0..2000 {
        if canary.is_closed() {
            return settle(cluster).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the server did not go");
}

/// Until a server that recovers takes connections again.
async fn settle(cluster: &Cluster) {
    for _ in 0..1000 {
        if trust_schema::live::server::connect(&cluster.config("postgres", "postgres")).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the server does not come back");
}

#[tokio::test]
async fn the_server_is_stopped_at_once() {
    let mut clusters = Own::default();
    let mut tally = Tally::new("immediate stop of the server at a statement, and its start");
    for (number, at) in thinned(STATEMENTS, 3).into_iter().enumerate() {
        let major = in_turn(number);
        let cluster = clusters.of(major);
        let reference = reference(major, Regime::Legacy).await;
        let options = if number % 2 == 0 { once() } else { quick() };
        let database = database(&cluster, Regime::Legacy).await;
        kept(&cluster).await;
        let direct = connection(&cluster, &database);
        let planned = plan::plan(&direct, system(), &options).await.expect("a plan");
        let crashing = Arc::clone(&cluster);
        let proxy = Proxy::calling(cluster.directory(), Counting::Statements, at, move || crashing.crash(|| {}).expect("a server that starts again"));
        let outcome = apply::apply(&proxy.connection(&database), system(), &options, &planned, &mut |_| {}).await;
        // Whoever gives up at once is back before the server is.
        settle(&cluster).await;
        let problem = match (&outcome, proxy.has_fired()) {
            (_, false) => Some(format!("the fault did not happen: {outcome:?}")),
            (Ok(report), true) if options.attempts > 1 && !report.is_fine() => Some(format!("it did not come to the end by itself: {report:?}")),
            _ => converges(&reference, &direct, &database).await,
        };
        tally.add(format!("PostgreSQL {major}, message {at}, {} attempts", options.attempts), problem);
    }
    tally.finish();
}

/// What is reported as applied stays applied, although the server's own setting would lose it: `synchronous_commit` is off there.
#[tokio::test]
async fn what_is_reported_survives_a_crash() {
    let cluster = own();
    let reference = reference(postgres::any_major(), Regime::Legacy).await;
    let database = database(&cluster, Regime::Legacy).await;
    let report = deploy(&connection(&cluster, &database), system(), &quick()).await.expect("a report");
    assert!(report.is_fine());
    cluster.crash(|| {}).expect("a server that starts again");
    // Unlogged tables are emptied by a crash, and held nothing.
    assert_eq!(reference.step(&database).await, Ok(system().migrations.len()));
}

#[tokio::test]
async fn a_server_that_takes_no_changes_is_refused_or_left_at_a_step() {
    let cluster = postgres::cluster(postgres::any_major());
    let reference = reference(postgres::any_major(), Regime::Hardened).await;
    let mut tally = Tally::new("read-only server, before and during a deployment");
    for at in std::iter::once(0).chain(spread(STATEMENTS, 3)) {
        let database = database(&cluster, Regime::Hardened).await;
        let direct = connection(&cluster, &database);
        let administrator = database.connect_as_administrator().await.expect("a session");
        let close = format!("alter database {} set default_transaction_read_only = on", database.name());
        if at == 0 {
            administrator.batch_execute(&close).await.expect("closed");
            let refused = deploy(&direct, system(), &quick()).await.expect_err("it is read-only");
            let problem = (refused.code != "read-only").then(|| refused.to_string());
            administrator.batch_execute("set default_transaction_read_only = off").await.expect("a setting");
            let problem = problem.or(reference.step(&database).await.err());
            open(&cluster, database.name()).await;
            tally.add(
                "before",
                match problem {
                    None => converges(&reference, &direct, &database).await,
                    problem => problem,
                },
            );
            continue;
        }
        let planned = plan::plan(&direct, system(), &quick()).await.expect("a plan");
        // The sessions to come are read-only, and this one ends: what a failover to a standby does.
        let (config, name) = (cluster.config("postgres", "postgres"), database.name().to_owned());
        let proxy = Proxy::calling(cluster.directory(), Counting::Statements, at, move || {
            let (config, close, name) = (config.clone(), close.clone(), name.clone());
            let ended = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async {
                    let client = trust_schema::live::server::connect(&config).await.expect("a session");
                    client.batch_execute(&close).await.expect("closed");
                    let sql = "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = $1 and usename = 'sb_postgres'";
                    client.query(sql, &[&name]).await.expect("sessions ended");
                });
            });
            ended.join().expect("a thread");
        });
        let outcome = apply::apply(&proxy.connection(&database), system(), &quick(), &planned, &mut |_| {}).await;
        let stopped = match &outcome {
            Ok(report) => report.stopped.as_ref().map(|stop| stop.code),
            Err(stop) => Some(stop.code),
        };
        let problem = if stopped.is_none() { Some(format!("it went on: {outcome:?}")) } else { reference.step(&database).await.err() };
        open(&cluster, database.name()).await;
        tally.add(
            format!("message {at}"),
            match problem {
                None => converges(&reference, &direct, &database).await,
                problem => problem,
            },
        );
    }
    tally.finish();
}

async fn open(cluster: &Cluster, database: &str) {
    let client = trust_schema::live::server::connect(&cluster.config("postgres", "postgres")).await.expect("a session");
    client.batch_execute(&format!("alter database {database} reset default_transaction_read_only")).await.expect("open again");
}

#[tokio::test]
async fn a_standby_is_refused() {
    let settings = ["wal_level=replica", "hot_standby=on"];
    let cluster = Cluster::start_with(&postgres::server(postgres::any_major()), postgres::environment(), &settings).expect("a cluster");
    let database = database(&cluster, Regime::Hardened).await;
    let signal = cluster.directory().join("data/standby.signal");
    cluster.crash(|| std::fs::write(&signal, "").expect("a file that makes it a standby")).expect("a server that starts again");
    let refused = deploy(&connection(&cluster, &database), system(), &quick()).await.expect_err("it is a standby");
    assert_eq!(refused.code, "standby", "{refused}");
    cluster.crash(|| std::fs::remove_file(&signal).expect("no standby any more")).expect("a server that starts again");
}

/// A file system of its own, taken down with the value.
struct Mount(tempfile::TempDir);

impl Mount {
    /// None where this process may not mount.
    fn new(kilobytes: u32) -> Option<Mount> {
        let folder = tempfile::tempdir().ok()?;
        let size = format!("size={kilobytes}k,mode=0777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output().ok()?;
        mounted.status.success().then_some(Mount(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).output();
    }
}

#[tokio::test]
async fn a_full_disk_leaves_a_step() {
    let Some(mount) = Mount::new(8192) else {
        eprintln!("fault matrix: disk full: not run: a small file system cannot be mounted here");
        return;
    };
    let cluster = own();
    let reference = reference(postgres::any_major(), Regime::Hardened).await;
    let folder = mount.path().join("tables");
    std::fs::create_dir(&folder).expect("a folder");
    if let Some(account) = &postgres::environment().account {
        std::os::unix::fs::chown(&folder, Some(account.user), Some(account.group)).expect("the server's folder");
    }
    let administrator = trust_schema::live::server::connect(&cluster.config("postgres", "postgres")).await.expect("a session");
    administrator.batch_execute(&format!("create tablespace small location '{}'", folder.display())).await.expect("a tablespace");
    administrator.batch_execute("grant create on tablespace small to public").await.expect("a grant");
    let mut tally = Tally::new("disk full (tables and indexes on a file system of 8 MB, filled up)");
    let mut failed = 0;
    // Fewer and fewer free kilobytes: each time the disk is full at another statement.
    for free in if crate::support::is_full() { (0..40).map(|step| step * 16).collect::<Vec<_>>() } else { vec![0, 64, 200, 400] } {
        let database = database(&cluster, Regime::Hardened).await;
        let direct = connection(&cluster, &database);
        administrator.batch_execute(&format!("alter database {} set default_tablespace = small", database.name())).await.expect("a setting");
        fill(mount.path(), free);
        let outcome = deploy(&direct, system(), &quick()).await;
        let filler = mount.path().join("filler");
        let stopped = outcome.as_ref().ok().and_then(|report| report.stopped.clone());
        let problem = match (&outcome, &stopped) {
            (Err(stop), _) if !stop.message.contains("53100") => Some(format!("it stopped before: {stop}")),
            (Ok(_), Some(stop)) if !stop.message.contains("53100") => Some(format!("it stopped for another reason: {stop}")),
            _ => reference.step(&database).await.err(),
        };
        failed += usize::from(stopped.is_some() || outcome.is_err());
        std::fs::remove_file(&filler).expect("room again");
        administrator.batch_execute("checkpoint").await.expect("a checkpoint");
        tally.add(
            format!("{free} kB free"),
            match problem {
                None => converges(&reference, &direct, &database).await,
                problem => problem,
            },
        );
        database.close().await.expect("dropped");
        administrator.batch_execute("checkpoint").await.expect("files that are gone are gone");
    }
    administrator.batch_execute("drop tablespace small").await.expect("nothing is left in it");
    assert!(failed > 1, "the disk was never full");
    tally.finish();
}

/// Fills a file system up to so many kilobytes.
fn fill(folder: &Path, free: usize) {
    let filler = folder.join("filler");
    let mut file = std::fs::File::create(&filler).expect("a file");
    while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
    let length = file.metadata().expect("its size").len();
    file.set_len(length.saturating_sub(free as u64 * 1024)).expect("shorter");
}
