//! One deployer at a time: a lock of the database that ends with the session that holds it.
//!
//! It is asked for again and again instead of waited for: a session that waits in `pg_advisory_lock` holds a snapshot, for which
//! `CREATE INDEX CONCURRENTLY` of the session that holds the lock waits in turn. Where a new session gets the lock, the one that held it has
//! ended, with everything that it had begun.

use std::time::{Duration, Instant};

use tokio_postgres::Client;

use super::Stop;

/// The key, in two halves: a number of our own, and one for what is locked.
const KEY: &str = "1414681428, 1";

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Takes the lock, or says who holds it. What the session commits from then on survives a crash, whatever the server's setting.
///
/// # Errors
/// [`Stop`] `locked` after the wait; what the server says where it cannot be asked.
pub async fn acquire(client: &Client, wait: Duration, say: &mut dyn FnMut(&str)) -> Result<(), Stop> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut told = false;
    loop {
        let row = client.query_one(&format!("select pg_try_advisory_lock({KEY})"), &[]).await.map_err(Stop::query("take the lock of deployers"))?;
        if row.try_get(0).map_err(Stop::query("take the lock of deployers"))? {
            // What is committed under the lock is built upon at once, so a crash must not take it back: the table of history, the journal.
            client.query_one("select set_config('synchronous_commit', 'on', false)", &[]).await.map_err(Stop::query("have commits kept"))?;
            return Ok(());
        }
        if begun.elapsed() >= wait {
            let holder = holder(client).await.unwrap_or_default();
            return Err(Stop::new("locked", format!("another deployment is under way{holder}"))
                .help("wait for its end and run this again; `--wait SECONDS` waits longer"));
        }
        if !std::mem::replace(&mut told, true) {
            say(&format!("waiting for another deployment{}", holder(client).await.unwrap_or_default()));
        }
        // Not all of those who wait at the same moments.
        let part = Duration::from_millis(fastrand::u64(0..=u64::try_from(pause.as_millis()).unwrap_or(1000) / 2));
        tokio::time::sleep(pause / 2 + part).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether this very session holds the lock.
///
/// # Errors
/// What the server says.
pub async fn is_held(client: &Client) -> Result<bool, tokio_postgres::Error> {
    let sql = "select exists (select from pg_locks where locktype = 'advisory' and classid = 1414681428 and objid = 1 and objsubid = 2 and granted
               and pid = pg_backend_pid() and database = (select oid from pg_database where datname = current_database()))";
    client.query_one(sql, &[]).await?.try_get(0)
}

async fn holder(client: &Client) -> Option<String> {
    let sql = "select l.pid, coalesce(a.usename::text, ''), coalesce(a.client_addr::text, ''), to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
               from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.classid = 1414681428 and l.objid = 1 and l.granted
               and l.database = (select oid from pg_database where datname = current_database())";
    let row = client.query_opt(sql, &[]).await.ok()??;
    let (pid, user, address): (i32, String, String) = (row.try_get(0).ok()?, row.try_get(1).ok()?, row.try_get(2).ok()?);
    let since: Option<String> = row.try_get(3).ok()?;
    let from = if address.is_empty() { String::new() } else { format!(" from {address}") };
    Some(format!(": process {pid} of `{user}`{from}{}", since.map(|since| format!(", since {since} UTC")).unwrap_or_default()))
}
