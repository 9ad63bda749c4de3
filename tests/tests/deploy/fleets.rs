//! Many databases in one run: waves, a canary, a failure that stops the rest, and the run after it.

use tests::postgres;
use trust_schema::live::deploy::BackupChoice;
use trust_schema::live::deploy::fleet::{self, Fleet, Member, Outcome};
use trust_schema::live::server::{Regime, Scratch};

use crate::support::{Tally, connection, difference, is_full, quick, reference, state, system};

fn fine(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| outcome.is_fine()).count()
}

#[tokio::test]
async fn a_fleet_with_a_broken_database_stops_and_goes_on() {
    let size = if is_full() { 50 } else { 12 };
    let broken = size / 2;
    let cluster = postgres::cluster(postgres::any_major());
    let reference = reference(postgres::any_major(), Regime::Hardened).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (mut databases, mut members): (Vec<Scratch>, Vec<Member>) = (Vec::new(), Vec::new());
    for number in 0..size {
        let database = crate::support::database(&cluster, Regime::Hardened).await;
        // Named in another order than they go.
        members.push(Member { name: format!("tenant-{number:02}"), wave: 1 + number / (size / 4), connection: connection(&cluster, &database) });
        databases.push(database);
    }
    // Somebody has made a table of the third migration by hand: what is in the way is found before anything is changed there.
    let sabotage = databases[broken as usize].connect().await.expect("a session");
    sabotage.batch_execute("create table public.service_keys (id int)").await.expect("broken");
    let (system, options) = (system(), quick());
    let fleet =
        Fleet { system, options: &options, parallel: 3, backup: BackupChoice::None("a test".to_owned()), log: folder.path().join("log.jsonl") };
    let mut tally = Tally::new("a fleet with a database that is broken on purpose");
    let outcomes = fleet::apply(&fleet, &members, &mut |_| {}).await;
    let failed: Vec<&str> =
        outcomes.iter().filter(|outcome| outcome.was_tried() && !outcome.is_fine()).map(|outcome| outcome.name.as_str()).collect();
    let wave = members[broken as usize].wave;
    let earlier = outcomes.iter().filter(|outcome| outcome.wave < wave).all(Outcome::is_fine);
    let later = outcomes.iter().filter(|outcome| outcome.wave > wave).all(|outcome| !outcome.was_tried());
    let stopped = failed == [format!("tenant-{broken:02}")]
        && earlier
        && later
        && outcomes[broken as usize].refused.as_ref().is_some_and(|stop| stop.code == "already-there");
    tally.add("the first run", (!stopped).then(|| fleet::text(&outcomes)));
    sabotage.batch_execute("drop table public.service_keys").await.expect("mended");
    let before = fine(&outcomes);
    let outcomes = fleet::apply(&fleet, &members, &mut |_| {}).await;
    let applied = outcomes.iter().filter(|outcome| outcome.report.as_ref().is_some_and(|report| !report.applied.is_empty())).count();
    let complete = fine(&outcomes) == size as usize && applied == size as usize - before;
    tally.add("the second run", (!complete).then(|| fleet::text(&outcomes)));
    for (database, member) in databases.iter().zip(&members).step_by(if is_full() { 1 } else { 4 }) {
        tally.add(&member.name, difference(reference.last(), &state(database).await));
    }
    tally.finish();
    let log = std::fs::read_to_string(folder.path().join("log.jsonl")).expect("a log");
    assert_eq!(log.lines().filter(|line| line.contains("\"event\":\"done\"")).count(), size as usize);
}

/// Where the canary fails, nobody else is touched.
#[tokio::test]
async fn a_canary_goes_alone() {
    let cluster = postgres::cluster(postgres::any_major());
    let folder = tempfile::tempdir().expect("a folder");
    let mut databases = Vec::new();
    for _ in 0..3 {
        databases.push(crate::support::database(&cluster, Regime::Legacy).await);
    }
    databases[0].connect().await.expect("a session").batch_execute("create table public.tenants (id int)").await.expect("broken");
    let members: Vec<Member> = databases
        .iter()
        .enumerate()
        .map(|(number, database)| Member { name: number.to_string(), wave: 1, connection: connection(&cluster, database) })
        .collect();
    let (system, options) = (system(), quick());
    let fleet =
        Fleet { system, options: &options, parallel: 3, backup: BackupChoice::None("a test".to_owned()), log: folder.path().join("log.jsonl") };
    let outcomes = fleet::apply(&fleet, &members, &mut |_| {}).await;
    assert!(outcomes[0].refused.is_some() && outcomes[1..].iter().all(|outcome| !outcome.was_tried()), "{}", fleet::text(&outcomes));
}
