//! Backfills that are interrupted: what was written stays, and the next run goes on behind it.

use std::time::Duration;

use tests::compile::{files, release};
use tests::postgres;
use tokio_postgres::Client;
use trust_schema::compile::{compile, compile_after};
use trust_schema::live::deploy::migration::System;
use trust_schema::live::deploy::{Allow, Options};
use trust_schema::live::server::{Regime, Scratch};

use super::support::{Tally, connection, database, deploy, deployed, difference, once, quick, state, system_of};

const PROJECT: &str = "[project]\nname = \"names\"\nplatform = \"supabase\"\n";
const BEFORE: &str = "[module]\nmigration = \"20260101000000_names\"\n\n[table.people]\nprimary_key = [\"person_id\"]\ncolumns = { person_id = { type = \"integer\", identity = \"by_default\" }, name = \"text\"ADDED }\n";
/// About 700 pages: three of the backfill's transactions.
const ROWS: &str = "insert into public.people (name) select 'somebody ' || i from generate_series(1, 100000) as i";

/// Someone who keeps a row behind the first transaction's pages to himself.
const HOLD: &str = "begin; select from public.people where person_id = (select min(person_id) from public.people where ctid >= '(300,0)') for update";

fn systems() -> (System, System) {
    let spec = |head: &str, added: &str| files(&[("trust.toml", &format!("{PROJECT}{head}")), ("names.toml", &BEFORE.replace("ADDED", added))]);
    let before = compile(spec("", ""));
    let added = ", short = { type = \"text\", backfill = \"left(name, 3)\" }";
    let after = compile_after(spec("\n[release]\nmigration = \"20260201000000_short\"\n", added), Some(release(&before)));
    (system_of(&before), system_of(&after))
}

/// How many rows have their value, and the transactions that wrote them, counted.
async fn written(client: &Client) -> (i64, i64) {
    let row = client.query_one("select count(short), count(distinct xmin::text) filter (where short is not null) from public.people", &[]).await;
    let row = row.expect("the rows");
    (row.get(0), row.get(1))
}

/// The transaction that wrote the first row.
async fn writer(client: &Client) -> String {
    client.query_one("select xmin::text from public.people where person_id = 1", &[]).await.expect("the first row").get(0)
}

/// Waits until the backfill waits for a lock: how many rows are written, who wrote the first, and its session.
async fn stuck(client: &Client) -> (i64, String, i32) {
    for _ in 0..600 {
        let waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like 'DO %' and datname = current_database()";
        if let Some(row) = client.query_opt(waiting, &[]).await.expect("the sessions") {
            return (written(client).await.0, writer(client).await, row.get(0));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody waits");
}

/// The database with rows and the column, which nobody has filled yet, and a session that looks on.
async fn begun(before: &System, after: &System) -> (Scratch, Client) {
    let cluster = postgres::cluster(postgres::any_major());
    let scratch = database(&cluster, Regime::Hardened).await;
    deployed(&connection(&cluster, &scratch), before).await;
    let client = scratch.connect_as_administrator().await.expect("a session");
    client.batch_execute(ROWS).await.expect("rows");
    let column = Options { to: Some("20260201000000".to_owned()), ..options(quick()) };
    deploy(&connection(&cluster, &scratch), after, &column).await.unwrap_or_else(|stop| panic!("{stop}"));
    (scratch, client)
}

fn options(base: Options) -> Options {
    Options { allow: [Allow::Access, Allow::DataLoss].into(), ..base }
}

#[tokio::test]
async fn an_interrupted_backfill_goes_on_where_it_stopped() {
    let (before, after) = systems();
    let cluster = postgres::cluster(postgres::any_major());
    let clean = {
        let (scratch, client) = begun(&before, &after).await;
        let report = deploy(&connection(&cluster, &scratch), &after, &options(quick())).await.unwrap_or_else(|stop| panic!("{stop}"));
        assert!(report.is_fine(), "{report:#?}");
        let (rows, transactions) = written(&client).await;
        assert_eq!(rows, 100_000);
        assert!(transactions >= 3, "{transactions} transactions are no batches");
        state(&scratch).await
    };
    let mut tally = Tally::new("interrupted backfill");
    for way in ["gives up", "its session is ended", "the deployer is gone", "the server has less patience"] {
        let (scratch, client) = begun(&before, &after).await;
        let there = connection(&cluster, &scratch);
        let other = scratch.connect_as_administrator().await.expect("a session");
        other.batch_execute(HOLD).await.expect("a row is held");
        let (kept, first) = match way {
            "gives up" => {
                let report = deploy(&there, &after, &options(once())).await.unwrap_or_else(|stop| panic!("{stop}"));
                assert_eq!(report.stopped.map(|stop| stop.code), Some("in-use"));
                (written(&client).await.0, writer(&client).await)
            }
            "its session is ended" => {
                let patient = Options { lock_timeout: Duration::from_secs(30), ..options(quick()) };
                let look = async {
                    let (kept, first, session) = stuck(&client).await;
                    client.execute("select pg_terminate_backend($1)", &[&session]).await.expect("it is ended");
                    other.batch_execute("rollback").await.expect("the row is free");
                    (kept, first)
                };
                let (report, kept) = tokio::join!(deploy(&there, &after, &patient), look);
                let report = report.unwrap_or_else(|stop| panic!("{stop}"));
                assert!(report.is_fine(), "{report:#?}");
                kept
            }
            "the server has less patience" => {
                let limit = format!("alter database {} set statement_timeout = '1s'", scratch.name());
                client.batch_execute(&limit).await.expect("a limit");
                let patient = Options { lock_timeout: Duration::from_secs(30), attempts: 1, ..options(quick()) };
                let look = async {
                    let (kept, first, _) = stuck(&client).await;
                    tokio::time::sleep(Duration::from_millis(1500)).await;
                    other.batch_execute("rollback").await.expect("the row is free");
                    (kept, first)
                };
                let (report, kept) = tokio::join!(deploy(&there, &after, &patient), look);
                let report = report.unwrap_or_else(|stop| panic!("{stop}"));
                assert!(report.is_fine(), "{report:#?}");
                client.batch_execute(&limit.replace("set statement_timeout = '1s'", "reset statement_timeout")).await.expect("no limit");
                kept
            }
            _ => {
                let patient = Options { lock_timeout: Duration::from_secs(30), ..options(quick()) };
                let (kept, first, session) = tokio::select! {
                    report = deploy(&there, &after, &patient) => panic!("{report:?}"),
                    kept = stuck(&client) => kept,
                };
                // What the server still does of it ends, too.
                client.execute("select pg_terminate_backend($1)", &[&session]).await.expect("it is ended");
                (kept, first)
            }
        };
        let mut problem = None;
        if !(1..100_000).contains(&kept) {
            problem = Some(format!("{kept} rows had been written"));
        }
        other.batch_execute("rollback").await.expect("the row is free");
        let report = deploy(&there, &after, &options(quick())).await.unwrap_or_else(|stop| panic!("{way}: {stop}"));
        assert!(report.is_fine(), "{way}: {report:#?}");
        if writer(&client).await != first {
            problem.get_or_insert("a row was written twice".to_owned());
        }
        if written(&client).await.0 != 100_000 {
            problem.get_or_insert("rows have no value".to_owned());
        }
        tally.add(way, problem.or(difference(&clean, &state(&scratch).await)));
    }
    tally.finish();
}
