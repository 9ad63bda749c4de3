//! What every form of statement locks, rewrites and reads, as it is declared and as PostgreSQL does it.

use std::collections::BTreeMap;

use tests::postgres::{database, majors};
use tokio_postgres::Client;
use trust_schema::catalog::Kind;
use trust_schema::evolution::{Evolution, Manner, Step, Verb, lock};
use trust_schema::kinds::alteration::{Alteration, Work};
use trust_schema::live::server::{Regime, Scratch};

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
        "select string_agg(c.oid::text, ',') from pg_class c where c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'extra', 'store', 'inside', 'outside', 'beyond', 'private')) and c.relkind in ('r', 'v')",
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
        Work::Rewrite | Work::Reduce(_) => "rewrite",
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

/// What was found, by form of statement, with the versions that it was found on; and what is not as it is declared.
#[derive(Default)]
struct Findings {
    forms: BTreeMap<String, BTreeMap<Measured, Vec<u32>>>,
    wrong: BTreeMap<String, String>,
}

impl Findings {
    /// Runs what leads from one state to the other, and measures every statement.
    async fn run(&mut self, scratch: &Scratch, client: &Client, there: &Evolution, major: u32) {
        let is_table = |step: &&Step| step.verb == Verb::Create && step.id.kind() == Kind::Table;
        let tables: Vec<&str> = there.steps().filter(is_table).map(|step| step.id.name()).collect();
        for part in &there.parts {
            for (step, statement) in part.steps.iter().flat_map(|step| step.statements.iter().map(move |statement| (step, statement))) {
                // Rows are data, and of a new table nobody else knows.
                let is_new = step.verb == Verb::Create
                    && match step.id.kind() {
                        Kind::Table | Kind::View => true,
                        Kind::Index => tables.iter().any(|table| statement.sql.contains(&format!(" ON {table} "))),
                        _ => false,
                    };
                let is_of_rows = step.id.kind() == Kind::Seed || ["DO ", "UPDATE "].iter().any(|word| statement.sql.starts_with(word));
                let found = if is_new || is_of_rows {
                    client.batch_execute(&statement.sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", statement.sql));
                    continue;
                } else if part.transactional {
                    measure(client, &statement.sql).await
                } else {
                    // What it reads is counted once its own transactions have ended: only its lock is seen.
                    Measured { lock: observe(scratch, client, &statement.sql).await, ..declared(step, statement) }
                };
                let form = form(&statement.sql);
                let versions = self.forms.entry(form.clone()).or_default().entry(found.clone()).or_default();
                if !versions.contains(&major) {
                    versions.push(major);
                }
                let said = declared(step, statement);
                if said != found {
                    let place = self.wrong.entry(format!("{form} ({})", step.id.kind().word()));
                    place.or_insert_with(|| format!("declared {said:?}, found {found:?} on {major}: {}", statement.sql));
                }
            }
        }
    }

    fn table(&self) -> String {
        assert!(self.wrong.is_empty(), "{}", self.wrong.iter().map(|(form, what)| format!("{form}\n  {what}\n")).collect::<String>());
        let line = |form: &String, found: &Measured| format!("{form}: {}, {}\n", found.lock.as_deref().unwrap_or("no lock on a table"), found.work);
        self.forms.iter().flat_map(|(form, found)| found.keys().map(move |found| line(form, found))).collect()
    }
}

/// The strongest lock of a statement that can be in no transaction: somebody who writes into every table holds it up, and it is looked at.
async fn observe(scratch: &Scratch, client: &Client, sql: &str) -> Option<String> {
    let (writer, observer) =
        (scratch.connect_as_administrator().await.expect("a connection"), scratch.connect_as_administrator().await.expect("a connection"));
    let tables = "select string_agg(c.oid::regclass::text, ', ') from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'extra', 'store', 'inside', 'outside', 'beyond', 'private') and c.relkind = 'r'";
    let tables = text(client, tables, &[]).await;
    let session: i32 = client.query_one("select pg_backend_pid()", &[]).await.expect("its number").get(0);
    writer.batch_execute(&format!("begin; lock table {tables} in row exclusive mode")).await.expect("a writer");
    let run = client.batch_execute(sql);
    let look = async {
        let held = "select coalesce(string_agg(distinct l.mode, ',') filter (where l.granted), ''), bool_or(not l.granted) from pg_locks l left join pg_class c on c.oid = l.relation and c.relkind = 'r' where l.pid = $1 and (not l.granted or c.oid >= 16384)";
        let mut modes = String::new();
        for _ in 0..600 {
            let row = observer.query_one(held, &[&session]).await.expect("the locks");
            modes = row.get(0);
            if row.get::<_, Option<bool>>(1) == Some(true) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        writer.batch_execute("rollback").await.expect("the writer ends");
        modes
    };
    let (ran, modes) = tokio::join!(run, look);
    ran.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    LOCKS.iter().rev().find(|lock| modes.split(',').any(|held| held == **lock)).map(|lock| (*lock).to_owned())
}

#[tokio::test]
async fn every_lock_rewrite_and_scan_is_as_declared() {
    let mut findings = Findings::default();
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
            findings.run(&scratch, &client, &there, major).await;
            let intent = super::names::intent(after, catalog(&new), before, catalog(&old));
            let back = way_as(catalog(&new), catalog(&old), &intent, Manner::AtOnce).expect("an order");
            findings.run(&scratch, &client, &back, major).await;
        }
    }
    insta::assert_snapshot!(findings.table());
}

/// The forms that the recorded changes have on their way there and back, those that can be in no transaction among them.
#[tokio::test]
async fn every_statement_of_the_recorded_changes_is_as_declared() {
    let mut findings = Findings::default();
    for &major in majors() {
        for case in super::cases::cases() {
            let (_, after) = super::cases::both(&case);
            let Some(pending) = after.resolution.as_ref().and_then(|resolution| resolution.pending.as_ref()) else { continue };
            let old = compiled(&super::cases::module(&super::cases::read(&case, "before.toml"))).expect("it has no errors");
            let scratch = database(major, Regime::Legacy).await;
            let client = scratch.connect().await.expect("a connection");
            build(&client, &old).await.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
            client.batch_execute(&super::cases::read(&case, "rows.sql")).await.expect("its rows");
            findings.run(&scratch, &client, &pending.evolution, major).await;
            for back in pending.back.iter().rev() {
                findings.run(&scratch, &client, back, major).await;
            }
        }
    }
    insta::assert_snapshot!(findings.table());
}
