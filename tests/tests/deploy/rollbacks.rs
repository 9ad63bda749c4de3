//! Rolling back a live database, with the same care, and with the same faults.

use std::collections::BTreeMap;
use std::sync::Arc;

use tests::postgres;
use trust_schema::live::deploy::connection::Connection;
use trust_schema::live::deploy::rollback::{self, Mode, RollbackReport};
use trust_schema::live::deploy::{Allow, Options, Stop};
use trust_schema::live::server::{Cluster, Regime, Scratch};

use crate::proxy::{Counting, Fault, Proxy};
use crate::servers::{Own, canary, is_back, kept};
use crate::support::{Reference, Tally, connection, deployed, difference, in_turn, is_full, once, quick, reference, state, system, thinned};

async fn full_database(regime: Regime) -> Scratch {
    deployed_on(postgres::any_major(), regime).await
}

/// A database of a major version with everything.
async fn deployed_on(major: u32, regime: Regime) -> Scratch {
    postgres::copy_of_template(major, regime, "deployed", async |database: &Scratch| {
        deployed(&connection(&postgres::cluster(major), database), system()).await;
    })
    .await
}

fn loss(options: Options) -> Options {
    Options { allow: [Allow::DataLoss].into(), ..options }
}

async fn roll_back(connection: &Connection, mode: &Mode, options: &Options) -> Result<RollbackReport, Stop> {
    let planned = rollback::plan(connection, system(), options, mode).await?;
    rollback::rollback(connection, system(), options, &planned, &mut |_| {}).await
}

#[tokio::test]
async fn every_version_can_be_gone_back_to() {
    let cluster = postgres::cluster(postgres::any_major());
    for regime in Regime::ALL {
        let reference = reference(postgres::any_major(), regime).await;
        let database = full_database(regime).await;
        let direct = connection(&cluster, &database);
        for step in [6, 3, 1] {
            let to = Mode::To(system().migrations[step - 1].version.clone());
            let report = roll_back(&direct, &to, &loss(quick())).await.unwrap_or_else(|stop| panic!("{stop}"));
            assert!(report.is_fine() && report.verification.as_ref().is_some_and(|found| found.checks > 0), "{report:#?}");
            assert_eq!(reference.step(&database).await, Ok(step), "{regime}");
        }
        // Not everything is there: each migration's own rollback.
        let report = roll_back(&direct, &Mode::Full, &loss(quick())).await.unwrap_or_else(|stop| panic!("{stop}"));
        assert!(report.is_fine(), "{report:#?}");
        assert_eq!(reference.step(&database).await, Ok(0));
        // And forward again, and back at once.
        deployed(&direct, system()).await;
        assert_eq!(difference(reference.last(), &state(&database).await), None);
        let report = roll_back(&direct, &Mode::Full, &loss(quick())).await.unwrap_or_else(|stop| panic!("{stop}"));
        assert_eq!(report.done, ["rollback/full.sql"]);
        assert_eq!(reference.step(&database).await, Ok(0));
        let nothing = roll_back(&direct, &Mode::Full, &quick()).await.unwrap_or_else(|stop| panic!("{stop}"));
        assert!(nothing.is_fine() && nothing.done.is_empty());
        let unknown = roll_back(&direct, &Mode::To("1".to_owned()), &quick()).await.expect_err("it is not there");
        assert_eq!(unknown.code, "unknown-version");
    }
}

#[tokio::test]
async fn rows_at_stake_are_counted_and_have_to_be_allowed() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = full_database(Regime::Hardened).await;
    let direct = connection(&cluster, &database);
    let administrator = database.connect_as_administrator().await.expect("a session");
    administrator.batch_execute("insert into public.tenants (name) select 'tenant ' || n from generate_series(1, 7) as n").await.expect("rows");
    let held = state(&database).await;
    for (mode, stakes) in [
        (Mode::Full, vec![("public.rate_limit_configs", 12), ("public.scope_definitions", 9), ("public.tenants", 7)]),
        (Mode::Partial, vec![("public.rate_limit_configs", 12), ("public.scope_definitions", 9)]),
        (Mode::To(system().migrations[6].version.clone()), vec![("public.rate_limit_configs", 12), ("public.scope_definitions", 9)]),
        (Mode::KillSwitch(None), vec![]),
    ] {
        let planned = rollback::plan(&direct, system(), &quick(), &mode).await.unwrap_or_else(|stop| panic!("{stop}"));
        let mut found: Vec<(&str, i64)> = planned.stakes.iter().map(|stake| (stake.object.as_str(), stake.rows.unwrap_or(-1))).collect();
        found.sort_unstable();
        assert_eq!(found, stakes, "{mode:?}");
        if stakes.is_empty() {
            continue;
        }
        let refused = rollback::rollback(&direct, system(), &quick(), &planned, &mut |_| {}).await.expect_err("data would be lost");
        assert_eq!(refused.code, "data-loss");
        assert!(stakes.iter().all(|(table, rows)| refused.message.contains(&format!("{table}: {rows} rows"))), "{refused}");
        assert_eq!(difference(&held, &state(&database).await), None, "{mode:?}");
    }
    // Rows that come after the plan are not lost unasked, either.
    let empty = crate::support::small(&[("migrations/1_t.sql", "create table public.late (id int);")]);
    let mut empty = empty;
    empty.migrations[0].rollback =
        Some(trust_schema::live::deploy::migration::Script { path: "rollback/1_t.sql".to_owned(), text: "drop table public.late;".to_owned() });
    let plain = cluster.scratch(trust_schema::live::server::Platform::Plain, &[]).await.expect("a database");
    let there = crate::support::connect_to(&format!("postgresql://postgres@/{}?host={}", plain.name(), cluster.directory().display()));
    deployed(&there, &empty).await;
    let planned = rollback::plan(&there, &empty, &quick(), &Mode::Full).await.expect("a plan");
    assert!(!planned.loses_data());
    plain.connect_as_administrator().await.expect("a session").batch_execute("insert into public.late values (1)").await.expect("a row");
    let refused = rollback::rollback(&there, &empty, &quick(), &planned, &mut |_| {}).await.expect_err("a row has come");
    assert_eq!(refused.code, "changed-since-plan");
}

#[tokio::test]
async fn kill_switches_work_whatever_history_says() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = full_database(Regime::Legacy).await;
    let direct = connection(&cluster, &database);
    let administrator = database.connect_as_administrator().await.expect("a session");
    administrator
        .batch_execute(
            "update supabase_migrations.schema_migrations set name = 'odd'; insert into supabase_migrations.schema_migrations values ('1')",
        )
        .await
        .expect("tampered");
    let enabled = "select count(*) from public.rate_limit_configs where enabled";
    let count = async || administrator.query_one(enabled, &[]).await.expect("a count").get::<_, i64>(0);
    assert_eq!(count().await, 12);
    assert_eq!(roll_back(&direct, &Mode::Full, &quick()).await.expect_err("history is odd").code, "history-tampered");
    let name = "rate_limiting".to_owned();
    let report = roll_back(&direct, &Mode::KillSwitch(Some(name)), &quick()).await.unwrap_or_else(|stop| panic!("{stop}"));
    assert_eq!(report.done, ["rollback/kill_switches/rate_limiting.sql"]);
    assert_eq!(count().await, 0);
    let unknown = roll_back(&direct, &Mode::KillSwitch(Some("none".to_owned())), &quick()).await.expect_err("there is none");
    assert!(unknown.code == "no-rollback" && unknown.help.as_ref().is_some_and(|help| help.contains("rate_limiting")), "{unknown}");
    let report = roll_back(&direct, &Mode::KillSwitch(None), &quick()).await.unwrap_or_else(|stop| panic!("{stop}"));
    assert!(report.is_fine());
}

/// How many messages of a kind a clean rollback has.
async fn messages(mode: &Mode, counting: Counting) -> usize {
    let cluster = postgres::cluster(postgres::any_major());
    let database = full_database(Regime::Hardened).await;
    let proxy = Proxy::start(cluster.directory(), Fault::None, counting, 0);
    let planned = rollback::plan(&connection(&cluster, &database), system(), &quick(), mode).await.expect("a plan");
    let report = rollback::rollback(&proxy.connection(&database), system(), &loss(quick()), &planned, &mut |_| {}).await.expect("a report");
    assert!(report.is_fine());
    proxy.seen()
}

/// A rollback with a fault, which takes the whole server with it where there is a canary: afterwards the database is at a recorded step, and the next run leads to the end.
async fn run(
    cluster: &Cluster,
    reference: &Reference,
    database: &Scratch,
    mode: &Mode,
    options: &Options,
    proxy: &dyn Fn() -> Proxy,
    canary: Option<tokio_postgres::Client>,
) -> Option<String> {
    let to = if *mode == Mode::Full { 0 } else { KEPT };
    let direct = connection(cluster, database);
    let planned = match rollback::plan(&direct, system(), options, mode).await {
        Ok(planned) => planned,
        Err(stop) => return Some(format!("no plan: {stop}")),
    };
    let proxy = proxy();
    let outcome = rollback::rollback(&proxy.connection(database), system(), options, &planned, &mut |_| {}).await;
    if !proxy.has_fired() {
        return Some(format!("the fault did not happen: {outcome:?}"));
    }
    // Whoever gives up at once is back before a server that was stopped is.
    if let Some(canary) = canary {
        is_back(cluster, &canary).await;
    }
    let step = match reference.step(database).await {
        Ok(step) => step,
        Err(problem) => return Some(problem),
    };
    let again = if step > to { roll_back(&direct, mode, &loss(quick())).await.map(|report| report.is_fine()) } else { Ok(true) };
    match again {
        Ok(true) => (reference.step(database).await != Ok(to)).then(|| "it did not come to the end".to_owned()),
        other => Some(format!("the second run: {other:?}")),
    }
}

/// Migrations that stay where not everything is rolled back.
const KEPT: usize = 3;

fn modes() -> [(Mode, Counting); 3] {
    let part = Mode::To(system().migrations[KEPT - 1].version.clone());
    [(Mode::Full, Counting::Statements), (part, Counting::Statements), (Mode::Full, Counting::Commits)]
}

/// Every rollback through every fault of connections, at every message in a full run, in turn on every major version.
#[tokio::test]
async fn rollbacks_survive_faults() {
    let regime = Regime::Hardened;
    let mut tally = Tally::new("rollbacks: session ended, or connection cut or half open, at every statement");
    let faults = [Fault::Terminate, Fault::CutBefore, Fault::CutAfter, Fault::HalfOpen];
    for (mode, counting) in modes() {
        let all = messages(&mode, counting).await;
        for (fault, about) in faults.into_iter().zip([1, 1, 1, 0]) {
            for (number, at) in thinned(all, about).into_iter().enumerate() {
                let major = in_turn(number);
                let cluster = postgres::cluster(major);
                let options = loss(if number % 2 == 0 { quick() } else { once() });
                let database = deployed_on(major, regime).await;
                let start = || Proxy::start(cluster.directory(), fault, counting, at);
                let problem = run(&cluster, &*reference(major, regime).await, &database, &mode, &options, &start, None).await;
                tally.add(format!("PostgreSQL {major}, {mode:?}, {fault:?}, message {at} of {all}, {} attempts", options.attempts), problem);
            }
        }
    }
    tally.finish();
}

/// The same where the server itself goes: its process is killed, or it is stopped at once.
#[tokio::test]
async fn rollbacks_survive_crashes() {
    let regime = Regime::Legacy;
    let mut tally = Tally::new("rollbacks: server's process killed, or server stopped at once, at every statement");
    let mut clusters = Own::default();
    let mut templates: BTreeMap<u32, Scratch> = BTreeMap::new();
    for (mode, counting) in modes().into_iter().take(if is_full() { 3 } else { 1 }) {
        let all = messages(&mode, counting).await;
        for is_stopped in [false, true] {
            for (number, at) in thinned(all, 1).into_iter().enumerate() {
                let major = in_turn(number);
                let cluster = clusters.of(major);
                if let std::collections::btree_map::Entry::Vacant(vacant) = templates.entry(major) {
                    let database = crate::support::database(&cluster, regime).await;
                    deployed(&connection(&cluster, &database), system()).await;
                    vacant.insert(database);
                }
                let database = cluster.copy(templates.get(&major).expect("made")).await.expect("a copy");
                kept(&cluster).await;
                let options = loss(if number % 2 == 0 { quick() } else { once() });
                let start = || {
                    let crashing = Arc::clone(&cluster);
                    if is_stopped {
                        Proxy::calling(cluster.directory(), counting, at, move || crashing.crash(|| {}).expect("a server that starts again"))
                    } else {
                        Proxy::start(cluster.directory(), Fault::Kill, counting, at)
                    }
                };
                let problem = run(&cluster, &*reference(major, regime).await, &database, &mode, &options, &start, Some(canary(&cluster).await)).await;
                let what = if is_stopped { "stop" } else { "kill" };
                tally.add(format!("PostgreSQL {major}, {mode:?}, {what}, message {at} of {all}, {} attempts", options.attempts), problem);
            }
        }
    }
    tally.finish();
}

/// A partial rollback changes no history: the transaction's own number says whether it happened.
#[tokio::test]
async fn a_partial_rollback_whose_answer_is_lost_is_not_run_twice() {
    let cluster = postgres::cluster(postgres::any_major());
    for (fault, attempts) in [(Fault::CutAfter, 1), (Fault::CutBefore, 2)] {
        let database = full_database(Regime::Hardened).await;
        let direct = connection(&cluster, &database);
        let planned = rollback::plan(&direct, system(), &quick(), &Mode::Partial).await.expect("a plan");
        // The first COMMIT is that of the fingerprint.
        let proxy = Proxy::start(cluster.directory(), fault, Counting::Commits, 2);
        let lines = std::cell::RefCell::new(Vec::new());
        let mut say = |line: &str| lines.borrow_mut().push(line.to_owned());
        let report = rollback::rollback(&proxy.connection(&database), system(), &loss(quick()), &planned, &mut say).await.expect("a report");
        assert!(report.is_fine() && proxy.has_fired(), "{report:#?}");
        let again = lines.borrow().iter().filter(|line| line.starts_with("trying again")).count();
        assert_eq!(again, attempts - 1, "{fault:?}");
    }
}
