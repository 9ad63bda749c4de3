//! What every form of statement locks, rewrites and reads, as it is declared and as PostgreSQL does it.

use std::collections::BTreeMap;

use tests::postgres::{database, majors};
use tokio_postgres::Client;
use trust_schema::catalog::Kind;
use trust_schema::evolution::{Manner, Step, Verb, lock};
use trust_schema::kinds::alteration::{Alteration, Work};
use trust_schema::live::server::Regime;

use super::run::{build, catalog, compiled, fill, way_as};
use super::system::{KNOBS, System};

/// The strongest lock of the session on tables that were there before, and what it did with their rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Measured {
    lock: Option<String>,
    work: &'static str,
}

const LOCKS: [&str; 4] = ["ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "AccessExclusiveLock"];

const FILES: &str = "select coalesce(string_agg(c.oid || ':' || c.relfilenode, ',' order by c.oid), '') from pg_class c where c.oid = any (array(select unnest(string_to_array($1, ','))::oid))";

const SCANS: &str = "select sum(pg_stat_get_xact_numscans(o::oid))::text from unnest(string_to_array($1, ',')) as o";

async fn text(client: &Client, sql: &str, parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)]) -> String {
    client.query_one(sql, parameters).await.expect("it is read").get::<_, Option<String>>(0).unwrap_or_default()
}

/// Runs a statement in a transaction of its own, which is kept.
async fn measure(client: &Client, sql: &str) -> Measured {
    let tables = text(
        client,
        "select string_agg(c.oid::text, ',') from pg_class c where c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'extra')) and c.relkind in ('r', 'v')",
        &[],
    )
    .await;
    let before = text(client, FILES, &[&tables]).await;
    client.batch_execute("begin").await.expect("a transaction");
    // What earlier transactions read is counted until the statistics are sent.
    let read = text(client, SCANS, &[&tables]).await;
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let locks = text(
        client,
        "select string_agg(distinct l.mode, ',') from pg_locks l where l.pid = pg_backend_pid() and l.relation::text = any (string_to_array($1, ','))",
        &[&tables],
    )
    .await;
    let scans = text(client, SCANS, &[&tables]).await;
    let after = text(client, FILES, &[&tables]).await;
    client.batch_execute("commit").await.expect("it ends");
    let kept: Vec<&str> = after.split(',').filter(|file| !file.is_empty()).collect();
    let rewrites = kept.iter().any(|file| !before.split(',').any(|known| known == *file));
    let lock = LOCKS.iter().rev().find(|lock| locks.split(',').any(|held| held == **lock)).map(|lock| (*lock).to_owned());
    let work = if rewrites {
        "rewrite"
    } else if scans != read {
        "scan"
    } else {
        "catalog"
    };
    Measured { lock, work }
}

fn declared(step: &Step, statement: &Alteration) -> Measured {
    let lock = lock(step, &statement.sql).map(|lock| {
        let words = lock.words().split(' ').map(|word| format!("{}{}", &word[..1], word[1..].to_lowercase())).collect::<String>();
        format!("{words}Lock")
    });
    let work = match statement.work {
        Work::Catalog | Work::Loss => "catalog",
        Work::Scan => "scan",
        Work::Rewrite => "rewrite",
    };
    Measured { lock, work }
}

/// The words of a statement without its names and values.
fn form(sql: &str) -> String {
    let head = sql.split(" AS $").next().unwrap_or(sql).split('\n').next().unwrap_or(sql);
    let is_word = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let words = head.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(is_word).collect::<Vec<_>>().join(" ")
}

/// A system with everything in it, and every change of one knob of it.
fn pairs() -> Vec<(System, System)> {
    let base = System(
        KNOBS
            .iter()
            .map(|(name, _)| match *name {
                "view" | "view_on_view" | "table" | "order" | "id" | "schema" => 0,
                name if name.starts_with("n_") => 0,
                _ => 1,
            })
            .collect(),
    );
    let mut pairs = Vec::new();
    for (knob, (_, variants)) in KNOBS.iter().enumerate() {
        for variant in 0..*variants {
            let mut other = base.clone();
            other.0[knob] = variant;
            if other != base {
                pairs.push((base.clone(), other.clone()));
                pairs.push((other, base.clone()));
            }
        }
    }
    pairs
}

#[tokio::test]
async fn every_lock_rewrite_and_scan_is_as_declared() {
    let mut forms: BTreeMap<String, BTreeMap<Measured, Vec<u32>>> = BTreeMap::new();
    let mut wrong: BTreeMap<String, String> = BTreeMap::new();
    for &major in majors() {
        for (number, (before, after)) in pairs().iter().enumerate() {
            // Every pair on one major version, every sixth on the others.
            if major != majors()[0] && number % 6 != major as usize % 6 {
                continue;
            }
            let (Ok(old), Ok(new)) = (compiled(&before.module()), compiled(&after.module())) else { panic!("{}", before.difference(after)) };
            let intent = super::names::intent(before, catalog(&old), after, catalog(&new));
            let there = way_as(catalog(&old), catalog(&new), &intent, Manner::Online).expect("an order");
            if there.is_empty() {
                continue;
            }
            let scratch = database(major, Regime::Hardened).await;
            let client = scratch.connect().await.expect("a connection");
            build(&client, &old).await.expect("the old state");
            fill(&client, catalog(&old)).await;
            for part in &there.parts {
                for (step, statement) in part.steps.iter().flat_map(|step| step.statements.iter().map(move |statement| (step, statement))) {
                    // Rows are data, and of a new table nobody else knows.
                    let is_new = step.verb == Verb::Create && matches!(step.id.kind(), Kind::Table | Kind::View);
                    if !part.transactional || is_new || step.id.kind() == Kind::Seed {
                        client.batch_execute(&statement.sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", statement.sql));
                        continue;
                    }
                    let found = measure(&client, &statement.sql).await;
                    let form = form(&statement.sql);
                    let versions = forms.entry(form.clone()).or_default().entry(found.clone()).or_default();
                    if !versions.contains(&major) {
                        versions.push(major);
                    }
                    let said = declared(step, statement);
                    if said != found {
                        wrong
                            .entry(format!("{form} ({})", step.id.kind().word()))
                            .or_insert_with(|| format!("declared {said:?}, found {found:?} on {major}: {}", statement.sql));
                    }
                }
            }
        }
    }
    let table: String = forms
        .iter()
        .flat_map(|(form, found)| {
            found.keys().map(move |found| format!("{form}: {}, {}\n", found.lock.as_deref().unwrap_or("no lock on a table"), found.work))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.iter().map(|(form, what)| format!("{form}\n  {what}\n")).collect::<String>());
    insta::assert_snapshot!(table);
}
