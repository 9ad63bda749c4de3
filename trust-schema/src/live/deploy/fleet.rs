//! Many databases with one schema: wave after wave, some at once, until one fails.
//!
//! The first database of all goes alone, as a canary. A failure lets those that are under way end, and nobody else begins; the same run again goes
//! on where it stopped, since databases that have everything are only verified.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;

use futures_util::stream::{self, StreamExt};
use serde::Serialize;
use serde_json::json;

use super::apply::{self, Report};
use super::connection::Connection;
use super::migration::System;
use super::record::{Record, stamp};
use super::{BackupChoice, Options, Stop, backup, plan};

/// A database of a fleet.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
    /// Lower waves go first.
    pub wave: u32,
    pub connection: Connection,
}

/// How to deploy to all.
#[derive(Debug)]
pub struct Fleet<'f> {
    pub system: &'f System,
    pub options: &'f Options,
    /// Databases at once.
    pub parallel: usize,
    /// For each; a folder gets one below it for each database.
    pub backup: BackupChoice,
    pub log: PathBuf,
}

/// How it went with one.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub name: String,
    pub wave: u32,
    pub place: String,
    /// None where it was its turn no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// Why nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Stop>,
}

impl Outcome {
    /// Whether it has everything, and that was verified.
    pub fn is_fine(&self) -> bool {
        self.report.as_ref().is_some_and(Report::is_fine)
    }

    /// Whether it was its turn.
    pub fn was_tried(&self) -> bool {
        self.report.is_some() || self.refused.is_some()
    }
}

/// Deploys to all, in the order of waves and names in the report.
pub async fn apply(fleet: &Fleet<'_>, members: &[Member], say: &mut dyn FnMut(&str)) -> Vec<Outcome> {
    let mut order: Vec<&Member> = members.iter().collect();
    order.sort_by_key(|member| member.wave);
    let failed = Cell::new(false);
    let say = RefCell::new(say);
    let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(order.len());
    let mut rest = order.iter().copied().enumerate().collect::<Vec<_>>();
    let mut is_canary = true;
    while let Some((_, first)) = rest.first() {
        let wave = first.wave;
        let size = if std::mem::take(&mut is_canary) { 1 } else { rest.iter().take_while(|(_, member)| member.wave == wave).count() };
        let later = rest.split_off(size);
        let turn = |(place, member): (usize, &Member)| {
            let member = member.clone();
            let (failed, say) = (&failed, &say);
            async move {
                let mut outcome =
                    Outcome { name: member.name.clone(), wave: member.wave, place: member.connection.place.clone(), report: None, refused: None };
                if !failed.get() {
                    match one(fleet, &member, say).await {
                        Ok(report) => outcome.report = Some(report),
                        Err(stop) => outcome.refused = Some(stop),
                    }
                    failed.set(failed.get() || !outcome.is_fine());
                }
                (place, outcome)
            }
        };
        outcomes.extend(stream::iter(rest.into_iter().map(turn)).buffer_unordered(fleet.parallel.max(1)).collect::<Vec<_>>().await);
        rest = later;
    }
    outcomes.sort_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

async fn one(fleet: &Fleet<'_>, member: &Member, say: &RefCell<&mut dyn FnMut(&str)>) -> Result<Report, Stop> {
    let mut tell = |line: &str| {
        // Told by another one at this very moment: never, on one thread; and no reason to fail.
        if let Ok(mut say) = say.try_borrow_mut() {
            say(&format!("{}: {line}", member.name));
        }
    };
    let planned = plan::plan(&member.connection, fleet.system, fleet.options).await?;
    let mut record = None;
    if !planned.pending.is_empty() {
        let choice = match &fleet.backup {
            BackupChoice::Run(folder) => BackupChoice::Run(folder.join(&member.name)),
            choice => choice.clone(),
        };
        let (connection, server) = (member.connection.clone(), planned.server.clone());
        // On another thread: a large backup must not keep the others from answering their servers.
        let made = tokio::task::spawn_blocking(move || backup::secure(&choice, &connection, &server, &stamp())).await;
        let made = made.map_err(|error| Stop::new("backup", format!("the backup ended oddly: {error}")))??;
        let common = json!({ "fleet": member.name, "place": planned.place });
        record = Some(Record::begin(&fleet.log, "apply", common, &json!({ "plan": planned, "backup": made }))?);
    }
    let done = apply::apply(&member.connection, fleet.system, fleet.options, &planned, &mut tell).await;
    if let Some(record) = &record {
        let noted = match &done {
            Ok(report) => record.note(if report.is_fine() { "done" } else { "stopped" }, report),
            Err(stop) => record.note("refused", stop),
        };
        // It has happened: that it could not be noted changes nothing of it.
        noted.unwrap_or_else(|stop| tell(&stop.to_string()));
    }
    done
}

/// One line for each database, and one for all.
pub fn text(outcomes: &[Outcome]) -> String {
    let mut lines = Vec::with_capacity(outcomes.len() + 1);
    for outcome in outcomes {
        let told = match (&outcome.report, &outcome.refused) {
            (Some(report), _) if report.is_fine() => format!("fine, {} applied", report.applied.len()),
            (Some(report), _) => match &report.stopped {
                Some(stop) => format!("stopped after {} applied: {stop}", report.applied.len()),
                None => format!("{} applied, and the verification fails", report.applied.len()),
            },
            (None, Some(stop)) => format!("refused: {stop}"),
            (None, None) => "not tried".to_owned(),
        };
        lines.push(format!("wave {}  {}  {told}", outcome.wave, outcome.name));
    }
    let count = |test: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| test(outcome)).count();
    let (fine, tried) = (count(Outcome::is_fine), count(Outcome::was_tried));
    lines.push(format!("{} databases: {fine} fine, {} failed, {} not tried", outcomes.len(), tried - fine, outcomes.len() - tried));
    lines.join("\n")
}
