//! Applying what is pending: one deployer, one migration after the other, each together with its row of history.

use serde::Serialize;

use super::connection::Connection;
use super::fingerprint::fingerprint;
use super::history;
use super::migration::System;
use super::options::Options;
use super::plan::{Plan, arrive, drifted, pending};
use super::step::Ground;
use super::verify::{self, Verification};
use super::{Stop, journey, lock};

/// A migration that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applied {
    pub version: String,
    pub name: String,
    pub sha256: String,
    pub attempts: u32,
    /// Whether the answer to its COMMIT was lost, and history said that it had committed.
    pub recovered: bool,
    pub milliseconds: u64,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub applied: Vec<Applied>,
    /// Why it stopped before the end. What was applied stays, and the next run goes on from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stop>,
    /// Not run where it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// Another deployment has applied everything while this one waited.
    pub by_another: bool,
}

impl Report {
    /// Whether everything was applied and verified.
    pub fn is_fine(&self) -> bool {
        self.stopped.is_none() && self.verification.as_ref().is_none_or(Verification::holds)
    }
}

/// Applies what was planned.
///
/// # Errors
/// Where it stops before anything is changed. What happens later is in the report.
pub async fn apply(connection: &Connection, system: &System, options: &Options, plan: &Plan, say: &mut dyn FnMut(&str)) -> Result<Report, Stop> {
    let refused = plan.refused(&options.allow);
    if !refused.is_empty() {
        let words: Vec<&str> = refused.iter().map(|allow| allow.word()).collect();
        return Err(Stop::new("not-allowed", format!("the migrations hold what has to be allowed: {}", words.join(", ")))
            .help(words.iter().map(|word| format!("--allow {word}")).collect::<Vec<_>>().join(" ")));
    }
    let session = journey::open(connection).await?;
    arrive(connection, &session.client).await?;
    lock::acquire(&session.client, options.wait, say).await?;
    let history = history::read(&session.client).await?;
    history::check(&history, &system.migrations, &options.allow)?;
    let wanted = pending(system, &history, options)?;
    let mut report = Report { applied: Vec::new(), stopped: None, verification: None, by_another: false };
    if history.rows != plan.history.rows {
        if !wanted.is_empty() {
            return Err(drifted("another deployment has changed the database since the plan was made"));
        }
        report.by_another = true;
    } else if fingerprint(&session.client, &history).await? != plan.fingerprint {
        return Err(drifted("the database has changed since the plan was made"));
    }
    let mut ground = Ground { connection, options, session, say };
    if !wanted.is_empty() && !history.complete {
        let create = history::CREATE.join("; ");
        ground.session.client.batch_execute(&create).await.map_err(Stop::query("make the table of history"))?;
    }
    for migration in wanted {
        (ground.say)(&format!("applying {}", migration.file.path));
        match ground.apply(migration).await {
            Ok(course) => report.applied.push(Applied {
                version: migration.version.clone(),
                name: migration.name.clone(),
                sha256: migration.sha256.clone(),
                attempts: course.attempts,
                recovered: course.recovered,
                milliseconds: course.milliseconds,
            }),
            Err(stop) => {
                report.stopped = Some(stop);
                break;
            }
        }
    }
    if report.stopped.is_none() {
        (ground.say)("verifying");
        report.verification = verification(&mut ground, system).await;
    }
    ground.session.close().await;
    Ok(report)
}

/// Runs the verification that fits what is applied: of everything, or of each migration that is there. None where there is none.
pub(super) async fn verification(ground: &mut Ground<'_>, system: &System) -> Option<Verification> {
    let mut attempts = 0;
    loop {
        let found = verify_once(ground, system).await;
        attempts += 1;
        // A connection that breaks is no reason not to look.
        if !ground.session.client.is_closed() || attempts >= ground.options.attempts {
            return found;
        }
        match journey::again(ground.connection, ground.options, ground.say).await {
            Ok(session) => ground.session = session,
            Err(_) => return found,
        }
    }
}

async fn verify_once(ground: &Ground<'_>, system: &System) -> Option<Verification> {
    let client = &ground.session.client;
    let history = match history::read(client).await {
        Ok(history) => history,
        Err(stop) => return Some(Verification { checks: 0, failures: vec![stop.message] }),
    };
    let scripts = verify::scripts(system, &history);
    if scripts.is_empty() { None } else { Some(verify::run(client, &scripts).await) }
}
