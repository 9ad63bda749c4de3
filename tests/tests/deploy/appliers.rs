//! Several deployers at once, and sessions of others in the way.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use tests::postgres;
use trust_schema::live::deploy::apply::Report;
use trust_schema::live::deploy::{Options, Stop, apply, plan};
use trust_schema::live::server::Regime;

use crate::support::{Tally, connect_to, connection, converges, database, deploy, difference, is_full, once, quick, reference, state, system, url};

/// What a deployer does in a thread of its own.
fn deployer(url: String, barrier: Arc<Barrier>, planned_first: bool) -> std::thread::JoinHandle<Result<Report, Stop>> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let connection = connect_to(&url);
            if planned_first {
                let planned = plan::plan(&connection, system(), &quick()).await?;
                barrier.wait();
                return apply::apply(&connection, system(), &quick(), &planned, &mut |_| {}).await;
            }
            barrier.wait();
            deploy(&connection, system(), &quick()).await
        })
    })
}

#[tokio::test]
async fn of_several_deployers_one_applies() {
    let cluster = postgres::cluster(postgres::any_major());
    let mut tally = Tally::new("6 deployers at once");
    for round in 0..if is_full() { 20 } else { 2 } {
        let regime = Regime::ALL[round % 2];
        let reference = reference(postgres::any_major(), regime).await;
        let database = database(&cluster, regime).await;
        let barrier = Arc::new(Barrier::new(6));
        let threads: Vec<_> = (0..6).map(|_| deployer(url(&cluster, &database), Arc::clone(&barrier), round % 4 < 2)).collect();
        let outcomes: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("a deployer")).collect();
        let mut applied: Vec<&str> = Vec::new();
        let mut problem = None;
        for outcome in &outcomes {
            match outcome {
                Ok(report) if report.is_fine() => applied.extend(report.applied.iter().map(|applied| applied.version.as_str())),
                // Somebody else was quicker than the plan.
                Err(stop) if stop.code == "changed-since-plan" => {}
                other => problem = Some(format!("{other:?}")),
            }
        }
        let expected: Vec<&str> = system().migrations.iter().map(|migration| migration.version.as_str()).collect();
        if applied != expected {
            problem = Some(format!("applied were {applied:?}"));
        }
        let problem = problem.or(difference(reference.last(), &state(&database).await));
        tally.add(format!("round {round}"), problem);
    }
    tally.finish();
}

#[tokio::test]
async fn a_lock_of_others_is_waited_for_a_little_at_a_time() {
    let cluster = postgres::cluster(postgres::any_major());
    let reference = reference(postgres::any_major(), Regime::Hardened).await;
    let mut tally = Tally::new("a table that is locked by others: for a while, and for too long");
    for long in [false, true] {
        let database = database(&cluster, Regime::Hardened).await;
        let direct = connection(&cluster, &database);
        let other = database.connect_as_administrator().await.expect("a session");
        other.batch_execute("begin; lock table auth.users in access exclusive mode").await.expect("a lock");
        let options = if long { Options { attempts: 2, ..quick() } } else { quick() };
        let planned = plan::plan(&direct, system(), &options).await.expect("a plan");
        let lines = std::cell::RefCell::new(Vec::new());
        let mut say = |line: &str| lines.borrow_mut().push(line.to_owned());
        let applying = apply::apply(&direct, system(), &options, &planned, &mut say);
        let ending = async {
            if !long {
                // Until it has tried in vain: the lock was asked for, and given up.
                while !lines.borrow().iter().any(|line| line.starts_with("trying again")) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                other.batch_execute("commit").await.expect("the end");
            }
        };
        let (outcome, ()) = tokio::join!(applying, ending);
        let outcome = outcome.expect("a report");
        let problem = match (&outcome.stopped, long) {
            (None, false) if outcome.applied[0].attempts > 1 => None,
            (Some(stop), true) if stop.code == "in-use" && outcome.applied.is_empty() => None,
            _ => Some(format!("{outcome:?}")),
        };
        if long {
            other.batch_execute("commit").await.expect("the end");
        }
        tally.add(
            if long { "for too long" } else { "for a while" },
            match problem {
                None => converges(&reference, &direct, &database).await,
                problem => problem,
            },
        );
    }
    tally.finish();
}

#[tokio::test]
async fn a_deadlock_is_survived() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = cluster.scratch(trust_schema::live::server::Platform::Plain, &[]).await.expect("a database");
    let administrator = database.connect_as_administrator().await.expect("a session");
    let tables = "create table public.a (x int); create table public.b (x int)";
    administrator.batch_execute(tables).await.expect("tables");
    let url = format!("postgresql://postgres@/{}?host={}", database.name(), cluster.directory().display());
    let connection = connect_to(&url);
    // A pause between the two locks, in which the other session takes them the other way round.
    let text = "alter table public.a add y int; select pg_sleep(0.4); alter table public.b add y int;";
    let system = crate::support::small(&[("migrations/1_locks.sql", text)]);
    let other = database.connect_as_administrator().await.expect("a session");
    let options = Options { lock_timeout: Duration::from_secs(10), ..quick() };
    let deploying = deploy(&connection, &system, &options);
    let blocking = async {
        other.batch_execute("set deadlock_timeout = '10s'; begin; lock table public.b in share mode").await.expect("a lock");
        // Once the deployer holds the first table.
        let sql = "select exists (select from pg_locks where relation = 'public.a'::regclass and mode = 'AccessExclusiveLock' and granted)";
        while !administrator.query_one(sql, &[]).await.expect("an answer").get::<_, bool>(0) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        other.batch_execute("lock table public.a in share mode").await.expect("the deployer gives way");
        other.batch_execute("commit").await.expect("the end");
    };
    let (outcome, ()) = tokio::join!(deploying, blocking);
    let report = outcome.expect("a report");
    assert!(report.is_fine() && report.applied[0].attempts == 2, "{report:#?}");
    let mut tally = Tally::new("deadlock with another session");
    tally.add("two tables", None);
    tally.finish();
}

#[tokio::test]
async fn who_holds_the_lock_is_named() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = database(&cluster, Regime::Hardened).await;
    let other = database.connect().await.expect("a session");
    other.query("select pg_advisory_lock(1414681428, 1)", &[]).await.expect("the lock of deployers");
    let options = Options { wait: Duration::from_millis(50), ..once() };
    let refused = deploy(&connection(&cluster, &database), system(), &options).await.expect_err("it is taken");
    assert_eq!(refused.code, "locked");
    assert!(refused.message.contains("`sb_postgres`"), "{refused}");
    // It ends with its session.
    drop(other);
    deploy(&connection(&cluster, &database), system(), &quick()).await.expect("the lock is free");
}
