//! Rolling back: by a kill switch, in part, to a version, or altogether, with the same care as applying.

use serde::Serialize;

use super::apply::verification;
use super::checks::Server;
use super::connection::Connection;
use super::fingerprint::fingerprint;
use super::history::{self, History};
use super::migration::{Migration, Script, System};
use super::options::{Allow, Options};
use super::plan::{arrive, drifted, versions};
use super::stake::{self, Stake};
use super::step::{Change, Ground};
use super::verify::Verification;
use super::{Stop, journey, lock, script};

/// How far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "mode", content = "what")]
pub enum Mode {
    /// One kill switch by its name, or all.
    KillSwitch(Option<String>),
    /// What the spec calls the partial rollback.
    Partial,
    /// Everything.
    Full,
    /// Down to this version, which stays.
    To(String),
}

/// One transaction of a rollback.
#[derive(Debug, Clone)]
struct Part<'s> {
    script: &'s Script,
    /// Versions that history loses with it.
    versions: Vec<&'s Migration>,
}

/// What would be rolled back.
#[derive(Debug, Clone, Serialize)]
pub struct RollbackPlan {
    pub place: String,
    pub server: Server,
    pub mode: Mode,
    pub fingerprint: String,
    /// Files in the order in which they are run, each with the versions that history loses.
    pub files: Vec<(String, Vec<String>)>,
    /// Rows that would go.
    pub stakes: Vec<Stake>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    #[serde(skip)]
    history: History,
}

impl RollbackPlan {
    /// Whether data would be lost.
    pub fn loses_data(&self) -> bool {
        !self.stakes.is_empty()
    }
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RollbackReport {
    /// Files that were run.
    pub done: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
}

impl RollbackReport {
    /// Whether everything was run, and what should be left is.
    pub fn is_fine(&self) -> bool {
        self.stopped.is_none() && self.verification.as_ref().is_none_or(|found| found.failures.is_empty())
    }
}

/// Connects and looks at everything. Nothing is changed.
///
/// # Errors
/// The first reason why nothing may be rolled back.
pub async fn plan(connection: &Connection, system: &System, options: &Options, mode: &Mode) -> Result<RollbackPlan, Stop> {
    let session = journey::open(connection).await?;
    let client = &session.client;
    let server = arrive(connection, client).await?;
    let history = history::read(client).await?;
    let notes = match mode {
        // In an emergency history may be as it likes: nothing of it is needed.
        Mode::KillSwitch(_) => history::check(&history, &system.migrations, &options.allow).unwrap_or_else(|stop| vec![stop.message]),
        _ => history::check(&history, &system.migrations, &options.allow)?,
    };
    let parts = parts(system, &history, mode)?;
    let scripts: Vec<&Script> = parts.iter().map(|part| part.script).collect();
    let stakes = stake::count(client, &scripts).await?;
    let fingerprint = fingerprint(client, &history).await?;
    session.close().await;
    let version = |migration: &&Migration| migration.version.clone();
    Ok(RollbackPlan {
        place: connection.place.clone(),
        server,
        mode: mode.clone(),
        fingerprint,
        files: parts.iter().map(|part| (part.script.path.clone(), part.versions.iter().map(version).collect())).collect(),
        stakes,
        notes,
        history,
    })
}

fn parts<'s>(system: &'s System, history: &History, mode: &Mode) -> Result<Vec<Part<'s>>, Stop> {
    let missing = |what: &str| Stop::new("no-rollback", format!("there is no {what}")).help("the spec declares none");
    let alone = |script: &'s Script| vec![Part { script, versions: Vec::new() }];
    let there: Vec<&Migration> = system.migrations.iter().filter(|migration| history.row(&migration.version).is_some()).collect();
    match mode {
        Mode::KillSwitch(None) => system.kill_switch.as_ref().map(alone).ok_or_else(|| missing("kill switch")),
        Mode::KillSwitch(Some(name)) => {
            let names: Vec<&str> = system.kill_switches.iter().map(|(name, _)| name.as_str()).collect();
            let found = system.kill_switches.iter().find(|(known, _)| known == name).map(|(_, script)| alone(script));
            found.ok_or_else(|| missing(&format!("kill switch `{name}`")).help(format!("there are {}", names.join(", "))))
        }
        Mode::Partial => system.partial_rollback.as_ref().map(alone).ok_or_else(|| missing("partial rollback")),
        Mode::Full => match &system.full_rollback {
            // One file drops everything; where not everything is there, each migration has its own.
            Some(script) if there.len() == system.migrations.len() => Ok(vec![Part { script, versions: there }]),
            _ => each(&there),
        },
        Mode::To(version) => {
            if !there.iter().any(|migration| migration.version == *version) {
                return Err(Stop::new("unknown-version", format!("history holds no migration of the version {version}"))
                    .help(format!("it holds {}; `--full` rolls everything back", versions(&there))));
            }
            each(&there.into_iter().filter(|migration| migration.version > *version).collect::<Vec<_>>())
        }
    }
}

/// The migrations' own rollbacks, last one first.
fn each<'s>(there: &[&'s Migration]) -> Result<Vec<Part<'s>>, Stop> {
    let part = |migration: &&'s Migration| match &migration.rollback {
        Some(script) => Ok(Part { script, versions: vec![*migration] }),
        None => Err(Stop::new("no-rollback", format!("there is no rollback of {}", migration.file.path))
            .help("restore a backup, or write a migration that undoes it")),
    };
    there.iter().rev().map(part).collect()
}

/// Rolls back what was planned.
///
/// # Errors
/// Where it stops before anything is changed. What happens later is in the report.
pub async fn rollback(
    connection: &Connection,
    system: &System,
    options: &Options,
    plan: &RollbackPlan,
    say: &mut dyn FnMut(&str),
) -> Result<RollbackReport, Stop> {
    if plan.loses_data() && !options.allow.contains(&Allow::DataLoss) {
        let stakes: Vec<String> = plan.stakes.iter().map(|stake| format!("{}: {}", stake.object, stake.told)).collect();
        return Err(Stop::new("data-loss", format!("this would destroy data:\n  {}", stakes.join("\n  "))).help("--allow data-loss"));
    }
    let session = journey::open(connection).await?;
    arrive(connection, &session.client).await?;
    lock::acquire(&session.client, options.wait, say).await?;
    let history = history::read(&session.client).await?;
    let parts = parts(system, &history, &plan.mode)?;
    let emergency = matches!(plan.mode, Mode::KillSwitch(_));
    if !emergency && (history.rows != plan.history.rows || fingerprint(&session.client, &history).await? != plan.fingerprint) {
        return Err(drifted("the database has changed since the plan was made"));
    }
    // Rows may have come meanwhile: what was empty when it was looked at may not be so now.
    let scripts: Vec<&Script> = parts.iter().map(|part| part.script).collect();
    let stakes = stake::count(&session.client, &scripts).await?;
    if !stakes.is_empty() && !options.allow.contains(&Allow::DataLoss) {
        return Err(drifted("rows have come into tables that were empty when the plan was made"));
    }
    let mut ground = Ground { connection, options, session, say };
    let mut report = RollbackReport { done: Vec::new(), stopped: None, verification: None };
    for part in &parts {
        (ground.say)(&format!("running {}", part.script.path));
        let statements = script::statements(&part.script.path, &part.script.text)?;
        let change = if part.versions.is_empty() { Change::Nothing } else { Change::RolledBack(&part.versions) };
        match ground.together(part.script, &statements, change).await {
            Ok(_) => report.done.push(part.script.path.clone()),
            Err(stop) => {
                report.stopped = Some(stop);
                break;
            }
        }
    }
    if report.stopped.is_none() && matches!(plan.mode, Mode::Full | Mode::To(_)) {
        (ground.say)("verifying");
        report.verification = Some(left(&mut ground, system, &parts).await);
    }
    ground.session.close().await;
    Ok(report)
}

/// What should be there still is, and what should be gone is.
async fn left(ground: &mut Ground<'_>, system: &System, parts: &[Part<'_>]) -> Verification {
    let mut found = verification(ground, system).await.unwrap_or_default();
    let rolled_back: Vec<&str> = parts.iter().flat_map(|part| &part.versions).map(|migration| migration.version.as_str()).collect();
    let complete = system.migrations.iter().all(|migration| rolled_back.contains(&migration.version.as_str()));
    if !complete {
        return found;
    }
    match crate::live::introspect::introspect(&ground.session.client, None).await {
        Ok(live) => {
            for (id, _) in system.catalog.iter().filter(|(id, _)| !id.kind().introspection().is_empty() && id.kind() != crate::kinds::Kind::Extension)
            {
                found.checks += 1;
                if live.contains(id) {
                    found.failures.push(format!("{id} is still there"));
                }
            }
        }
        Err(error) => found.failures.push(error.to_string()),
    }
    found
}
