//! A baseline: a database that holds already what the migrations make. They are recorded, not run.

use super::connection::Connection;
use super::fingerprint::fingerprint;
use super::migration::System;
use super::options::Options;
use super::plan::{Plan, arrive, drifted, pending};
use super::{Stop, history, journey, lock};

/// Records the migrations of a plan as applied, all in one transaction. Whether the database holds what they make must have been looked at
/// before; where it was changed since the plan was made, nothing is recorded.
///
/// # Errors
/// [`Stop`]. Then nothing is recorded.
pub async fn record(
    connection: &Connection,
    system: &System,
    options: &Options,
    plan: &Plan,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<String>, Stop> {
    let session = journey::open(connection).await?;
    let client = &session.client;
    arrive(connection, client).await?;
    lock::acquire(client, options.wait, say).await?;
    let history = history::read(client).await?;
    history::check(&history, &system.migrations, &options.allow)?;
    if history.rows != plan.history.rows {
        return Err(drifted("another deployment has changed the database since it was looked at"));
    }
    if fingerprint(client, &history).await? != plan.fingerprint {
        return Err(drifted("the database has changed since it was looked at"));
    }
    let wanted = pending(system, &history, options)?;
    let recording = || Stop::query("record the baseline");
    client.batch_execute("begin").await.map_err(recording())?;
    if !history.complete {
        client.batch_execute(&history::CREATE.join("; ")).await.map_err(recording())?;
    }
    for migration in &wanted {
        history::insert(client, migration).await.map_err(recording())?;
    }
    client.batch_execute("commit").await.map_err(recording())?;
    session.close().await;
    Ok(wanted.iter().map(|migration| migration.version.clone()).collect())
}
