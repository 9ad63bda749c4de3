//! Statements that cannot be in a transaction: journaled, taken up again, and what they leave behind cleared away.

use tests::postgres;
use trust_schema::live::deploy::migration::System;
use trust_schema::live::deploy::{Options, apply, plan};
use trust_schema::live::server::{Cluster, Platform, Scratch};

use crate::proxy::{Counting, Fault, Proxy};
use crate::support::{Tally, connect_to, deploy, difference, once, quick, small, state, thinned};

const FIRST: &str = "create table public.items (id int primary key, code int not null, note text);
    insert into public.items select n, n, 'note ' || n from generate_series(1, 500) as n;
    create index old_idx on public.items (note);";

const SECOND: &str = "-- Between two transactions.
    alter table public.items add column size int;
    do $backfill$
    declare low int := 0;
    begin
      while low < 500 loop
        update public.items set size = id where id > low and id <= low + 100 and size is null;
        commit;
        low := low + 100;
      end loop;
    end
    $backfill$;
    create unique index concurrently items_code_key on public.items (code);
    create index concurrently if not exists items_note_idx on public.items (note);
    comment on index public.items_note_idx is 'By note.';
    drop index concurrently public.old_idx;
    reindex index concurrently public.items_note_idx;
    vacuum public.items;";

fn system() -> System {
    small(&[
        ("migrations/1_items.sql", FIRST),
        ("migrations/2_indexes.sql", SECOND),
        ("migrations/3_after.sql", "alter table public.items add check (size > 0);"),
    ])
}

/// Nothing but the index needs the table.
fn index_only() -> System {
    let second = "select 1; create unique index concurrently items_code_key on public.items (code); select 2;";
    small(&[("migrations/1_items.sql", FIRST), ("migrations/2_indexes.sql", second)])
}

async fn database(cluster: &Cluster) -> Scratch {
    cluster.scratch(Platform::Plain, &[]).await.unwrap_or_else(|error| panic!("{error}"))
}

fn url(cluster: &Cluster, database: &Scratch) -> String {
    format!("postgresql://postgres@/{}?host={}", database.name(), cluster.directory().display())
}

async fn invalid(database: &Scratch) -> Vec<String> {
    let client = database.connect_as_administrator().await.expect("a session");
    let sql = "select indexrelid::regclass::text from pg_index where not indisvalid";
    client.query(sql, &[]).await.expect("indexes").iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn an_interrupted_build_is_taken_up_again() {
    let cluster = postgres::cluster(postgres::any_major());
    let system = system();
    let clean = database(&cluster).await;
    let report = deploy(&connect_to(&url(&cluster, &clean)), &system, &quick()).await.expect("a report");
    assert!(report.is_fine() && report.applied.len() == 3, "{report:#?}");
    let expected = state(&clean).await;
    let administrator = clean.connect_as_administrator().await.expect("a session");
    let left: i64 = administrator.query_one("select count(*) from supabase_migrations.trust_schema_journal", &[]).await.expect("a count").get(0);
    assert_eq!(left, 0, "the journal is empty in the end");
    let mut tally = Tally::new("non-transactional steps interrupted at every statement");
    for fault in [Fault::Terminate, Fault::CutBefore, Fault::CutAfter] {
        for (number, at) in thinned(38, 4).into_iter().enumerate() {
            let options = if number % 2 == 0 { once() } else { quick() };
            let database = database(&cluster).await;
            let direct = connect_to(&url(&cluster, &database));
            let planned = plan::plan(&direct, &system, &options).await.expect("a plan");
            let proxy = Proxy::start(cluster.directory(), fault, Counting::Statements, at);
            let there = connect_to(&direct_through(&proxy, &database));
            let outcome = apply::apply(&there, &system, &options, &planned, &mut |_| {}).await;
            let mut problem = (!proxy.has_fired()).then(|| format!("the fault did not happen: {outcome:?}"));
            if problem.is_none() {
                problem = match deploy(&direct, &system, &quick()).await {
                    Ok(report) if report.is_fine() => difference(&expected, &state(&database).await),
                    other => Some(format!("the second run: {other:?}")),
                };
            }
            let invalid = invalid(&database).await;
            if !invalid.is_empty() {
                problem = Some(format!("invalid: {invalid:?}; {problem:?}"));
            }
            tally.add(format!("{fault:?}, message {at}, {} attempts", options.attempts), problem);
        }
    }
    tally.finish();
}

fn direct_through(proxy: &Proxy, database: &Scratch) -> String {
    format!("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable", proxy.port(), database.name())
}

#[tokio::test]
async fn a_failed_build_leaves_no_invalid_index() {
    let cluster = postgres::cluster(postgres::any_major());
    let system = index_only();
    let mut tally = Tally::new("concurrent index builds that fail: duplicate keys, a leftover of others, cancelled, timed out");
    for case in ["duplicates", "leftover", "cancelled", "in use"] {
        let database = database(&cluster).await;
        let direct = connect_to(&url(&cluster, &database));
        let first = Options { to: Some("1".to_owned()), ..quick() };
        deploy(&direct, &system, &first).await.expect("the table");
        let other = database.connect_as_administrator().await.expect("a session");
        let mut problem = None;
        match case {
            "duplicates" => {
                other.batch_execute("update public.items set code = 1 where id = 2").await.expect("a duplicate");
                let report = deploy(&direct, &system, &quick()).await.expect("a report");
                let stop = report.stopped.expect("it fails");
                if stop.code != "statement-failed" || !stop.message.contains("23505") || stop.place.is_none() {
                    problem = Some(stop.to_string());
                }
                // The step before it is done and journaled.
                let planned = plan::plan(&direct, &system, &quick()).await.expect("a plan");
                if (planned.pending[0].steps, planned.pending[0].done) != (3, 1) {
                    problem = Some(format!("{:?}", planned.pending));
                }
                other.batch_execute("update public.items set code = 2 where id = 2").await.expect("mended");
            }
            "leftover" => {
                other.batch_execute("update public.items set code = 1 where id = 2").await.expect("a duplicate");
                other.batch_execute("create unique index concurrently items_code_key on public.items (code)").await.expect_err("a duplicate");
                other.batch_execute("update public.items set code = 2 where id = 2").await.expect("mended");
                if invalid(&database).await.len() != 1 {
                    problem = Some("there is no leftover".to_owned());
                }
            }
            "cancelled" => {
                other.batch_execute("begin; lock table public.items in row exclusive mode").await.expect("a lock");
                let options = Options { lock_timeout: std::time::Duration::from_secs(2), ..once() };
                let cancelling = async {
                    let canceller = database.connect_as_administrator().await.expect("a session");
                    let sql = "select pg_cancel_backend(pid) from pg_stat_activity where query like 'create unique index concurrently%' and wait_event_type = 'Lock'";
                    while canceller.query(sql, &[]).await.expect("an answer").is_empty() {
                        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                    }
                };
                let (outcome, ()) = tokio::join!(deploy(&direct, &system, &options), cancelling);
                // What it left behind cannot be dropped as long as the table is in use: the next run does it.
                if outcome.as_ref().is_ok_and(|report| report.is_fine()) {
                    problem = Some("it was not cancelled".to_owned());
                }
                other.batch_execute("commit").await.expect("the end");
            }
            _ => {
                other.batch_execute("begin; lock table public.items in row exclusive mode").await.expect("a lock");
                let options = Options { attempts: 2, ..quick() };
                let report = deploy(&direct, &system, &options).await.expect("a report");
                if report.stopped.as_ref().map(|stop| stop.code) != Some("in-use") {
                    problem = Some(format!("{report:?}"));
                }
                other.batch_execute("commit").await.expect("the end");
            }
        }
        let report = deploy(&direct, &system, &quick()).await;
        if !report.as_ref().is_ok_and(|report| report.is_fine()) {
            problem = Some(format!("the second run: {report:?}; {problem:?}"));
        }
        let invalid = invalid(&database).await;
        if !invalid.is_empty() {
            problem = Some(format!("invalid: {invalid:?}"));
        }
        tally.add(case, problem);
    }
    tally.finish();
}

#[tokio::test]
async fn a_changed_file_is_not_taken_up() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = database(&cluster).await;
    let direct = connect_to(&url(&cluster, &database));
    let other = database.connect_as_administrator().await.expect("a session");
    deploy(&direct, &system(), &Options { to: Some("1".to_owned()), ..quick() }).await.expect("the table");
    other.batch_execute("update public.items set code = 1 where id = 2").await.expect("a duplicate");
    deploy(&direct, &system(), &quick()).await.expect("a report").stopped.expect("it fails");
    let changed = SECOND.replace("size int", "size bigint");
    let refused = deploy(&direct, &small(&[("migrations/1_items.sql", FIRST), ("migrations/2_indexes.sql", &changed)]), &quick()).await;
    assert_eq!(refused.expect_err("it was begun otherwise").code, "journal-differs");
}
