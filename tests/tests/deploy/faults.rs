//! Faults at every statement: connections that are cut, processes that end, answers that are lost.

use tests::postgres;
use trust_schema::live::deploy::{Options, apply, plan};
use trust_schema::live::server::{Cluster, Regime};

use crate::proxy::{Counting, Fault, Proxy};
use crate::support::{
    Reference, Tally, access, connection, converges, database, deploy, difference, in_turn, once, quick, reference, state, system, thinned,
};

/// How many messages of a kind a clean deployment has.
async fn messages(cluster: &Cluster, regime: Regime, counting: Counting) -> usize {
    let database = database(cluster, regime).await;
    let proxy = Proxy::start(cluster.directory(), Fault::None, counting, 0);
    let connection = proxy.connection(&database);
    let planned = plan::plan(&connection, system(), &quick()).await.expect("a plan");
    let before = proxy.seen();
    let report = apply::apply(&connection, system(), &quick(), &planned, &mut |_| {}).await.expect("a report");
    assert!(report.is_fine());
    proxy.seen() - before
}

/// One run with a fault. Without further attempts it must stop at a recorded step, with them it must come to the end by itself.
async fn run(
    cluster: &Cluster,
    regime: Regime,
    reference: &Reference,
    fault: Fault,
    counting: Counting,
    at: usize,
    options: &Options,
) -> Option<String> {
    let database = database(cluster, regime).await;
    let direct = connection(cluster, &database);
    // The plan goes straight: it changes nothing, and a fault in it is no fault of a deployment.
    let planned = match plan::plan(&direct, system(), options).await {
        Ok(planned) => planned,
        Err(stop) => return Some(format!("no plan: {stop}")),
    };
    let proxy = Proxy::start(cluster.directory(), fault, counting, at);
    let outcome = apply::apply(&proxy.connection(&database), system(), options, &planned, &mut |_| {}).await;
    if !proxy.has_fired() {
        return Some(format!("the fault did not happen: {outcome:?}"));
    }
    if options.attempts > 1
        && let Err(problem) = survives(&outcome)
    {
        return Some(problem);
    }
    converges(reference, &direct, &database).await
}

/// Before the first migration a fault ends the run; later it goes on by itself.
fn survives(outcome: &Result<apply::Report, trust_schema::live::deploy::Stop>) -> Result<(), String> {
    match outcome {
        Ok(report) if report.is_fine() && report.applied.len() == system().migrations.len() => Ok(()),
        Ok(report) => Err(format!("it did not come to the end by itself: {report:?}")),
        // Nothing had begun: whoever called is told, and calls again.
        Err(stop) if ["query", "no-connection", "transaction-pooler"].contains(&stop.code) => Ok(()),
        Err(stop) => Err(format!("it stopped: {stop}")),
    }
}

/// Every message in a full run, in turn on every major version, under either regime, and with one attempt or several.
async fn everywhere(row: &'static str, fault: Fault, counting: Counting, about: usize) {
    let mut tally = Tally::new(row);
    // Every version takes the same messages.
    let all = messages(&postgres::cluster(postgres::any_major()), Regime::Hardened, counting).await;
    for (number, at) in thinned(all, about).into_iter().enumerate() {
        let major = in_turn(number);
        let cluster = postgres::cluster(major);
        let regime = Regime::ALL[number / 2 % 2];
        let options = if number % 2 == 0 { once() } else { quick() };
        let reference = reference(major, regime).await;
        let problem = run(&cluster, regime, &reference, fault, counting, at, &options).await;
        tally.add(format!("PostgreSQL {major}, {regime}, message {at} of {all}, {} attempts", options.attempts), problem);
    }
    tally.finish();
}

/// Somebody looks all the time, while everything goes right, and while connections break.
#[tokio::test]
async fn clients_may_never_do_more_than_in_the_end() {
    let mut tally = Tally::new("access of client roles, sampled all the time");
    let cluster = postgres::cluster(postgres::any_major());
    let mut samples = 0;
    for (number, (fault, at)) in [(Fault::None, 0), (Fault::Terminate, 150), (Fault::CutBefore, 260), (Fault::CutAfter, 350)].into_iter().enumerate()
    {
        let regime = Regime::ALL[number % 2];
        let reference = reference(postgres::any_major(), regime).await;
        let database = database(&cluster, regime).await;
        let proxy = Proxy::start(cluster.directory(), fault, Counting::Statements, at);
        let connection = proxy.connection(&database);
        let watcher = database.connect_as_administrator().await.expect("a session");
        let options = quick();
        let deploying = deploy(&connection, system(), &options);
        tokio::pin!(deploying);
        let mut problem = None;
        let mut kinds = std::collections::BTreeSet::new();
        let outcome = loop {
            tokio::select! {
                outcome = &mut deploying => break outcome,
                seen = access(&watcher) => {
                    samples += 1;
                    kinds.insert(seen.len());
                    let wider: Vec<String> = seen.difference(&reference.access).take(3).cloned().collect();
                    if !wider.is_empty() {
                        problem = Some(format!("{wider:?}"));
                    }
                }
            }
        };
        if !outcome.as_ref().is_ok_and(apply::Report::is_fine) {
            problem = Some(format!("{outcome:?}"));
        }
        if kinds.len() < 2 {
            problem = Some("nobody looked while it was under way".to_owned());
        }
        tally.add(format!("{fault:?}"), problem);
    }
    eprintln!("access was looked at {samples} times");
    tally.finish();
}

#[tokio::test]
async fn the_session_is_ended_at_every_statement() {
    everywhere("session ended by the server (pg_terminate_backend) at every statement", Fault::Terminate, Counting::Statements, 5).await;
}

#[tokio::test]
async fn the_connection_is_cut_before_every_statement() {
    everywhere("connection cut before every statement", Fault::CutBefore, Counting::Statements, 4).await;
}

#[tokio::test]
async fn the_connection_is_cut_after_every_statement() {
    everywhere("connection cut after every statement", Fault::CutAfter, Counting::Statements, 4).await;
}

#[tokio::test]
async fn the_answer_to_every_commit_is_lost() {
    everywhere("connection lost in COMMIT, which the server has got", Fault::CutAfter, Counting::Commits, 4).await;
}

#[tokio::test]
async fn every_commit_is_lost() {
    everywhere("connection lost in COMMIT, which the server has not got", Fault::CutBefore, Counting::Commits, 4).await;
}

#[tokio::test]
async fn the_server_does_not_know_that_the_connection_was_cut() {
    everywhere("connection cut, and the server's side still open", Fault::HalfOpen, Counting::Statements, 2).await;
}

/// What is recorded as recovered really was: the lost answer belongs to a COMMIT that happened.
#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_told() {
    let major = postgres::any_major();
    let cluster = postgres::cluster(major);
    let reference = reference(major, Regime::Hardened).await;
    for (fault, recovered, attempts) in [(Fault::CutAfter, true, 1), (Fault::CutBefore, false, 2)] {
        let database = database(&cluster, Regime::Hardened).await;
        let proxy = Proxy::start(cluster.directory(), fault, Counting::Commits, 0);
        drop(proxy);
        // The plan reads in transactions of its own, whose ends count: the third migration's is found by counting them first.
        let counted = Proxy::start(cluster.directory(), Fault::None, Counting::Commits, 0);
        plan::plan(&counted.connection(&database), system(), &quick()).await.expect("a plan");
        let at = counted.seen() * 2 + 3;
        let proxy = Proxy::start(cluster.directory(), fault, Counting::Commits, at);
        let report = deploy(&proxy.connection(&database), system(), &quick()).await.expect("a report");
        assert!(report.is_fine() && proxy.has_fired(), "{report:#?}");
        let third = &report.applied[2];
        assert_eq!((third.recovered, third.attempts), (recovered, attempts), "{fault:?}: {report:#?}");
        assert_eq!(report.applied.iter().filter(|applied| applied.recovered).count(), usize::from(recovered));
        assert_eq!(difference(reference.last(), &state(&database).await), None);
    }
}
