//! `trust-schema apply --baseline`

use super::Failure;
use super::deploy::{DeployArguments, Ready, document, note, scratch_server, stopped, value};
use super::exit::Exit;
use super::printer::{Format, GOOD, Printer, counted};
use super::progress::Progress;
use super::project::Place;
use crate::live::deploy::record::Record;
use crate::live::deploy::{Stop, baseline, plan, report as reports};
use crate::live::drift::{Subject, build, compare, look, report};
use crate::live::server::{Environment, Installing};

/// Compares the database with what the migrations make on a throw-away server, and records them where there is no difference.
///
/// # Errors
/// A message.
pub fn run(deploy: &DeployArguments, expect: Option<&String>, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
    let Some(Ready { project, sources, resolution, system, mut options, log, .. }) = deploy.ready(place, printer)? else {
        return Ok(Exit::Findings);
    };
    options.baseline = true;
    options.expect = expect.cloned();
    let connection = deploy.database.connection(&project)?;
    let subject = Subject { system: &system, resolution: &resolution, sources: &sources, with_others: false, baseline: true };
    let environment = Environment::read();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut said = Vec::new();
    let progress = Progress::start("looking at the database");
    let looked: Result<_, Stop> = runtime.block_on(async {
        // First the plan: what changes after it is found when it is recorded.
        let planned = plan::plan(&connection, &system, &options).await?;
        let seen = look(&connection, &subject).await?;
        progress.message("building what it should hold");
        let target = scratch_server(seen.server.major, Installing::Allowed, &environment, &mut said).await?;
        let expected = build(&seen, &target, &subject).await?;
        Ok((planned, compare(seen, &expected, &subject)))
    });
    drop(progress);
    said.iter().for_each(|line| printer.say(line));
    let (planned, verdict) = looked.map_err(stopped)?;
    let json = printer.format == Format::Json;
    if !verdict.is_fine() {
        match json {
            true => printer.document(&document(&[("verdict", value(&verdict)?)])),
            false => printer.result(report::text(&verdict)),
        }
        let stop = Stop::new("not-the-baseline", "the database is not what the migrations make, so they are not recorded as applied");
        printer.say(stop.help("change the spec until `verify` finds no difference, or import the database again").to_string());
        return Ok(Exit::Findings);
    }
    if planned.pending.is_empty() {
        printer.say("history holds every migration: there is nothing to record");
        return Ok(Exit::Fine);
    }
    if !json {
        printer.result(reports::plan(&planned));
    }
    if deploy.dry_run {
        if json {
            printer.document(&document(&[("plan", value(&planned)?), ("verdict", value(&verdict)?)]));
        }
        return Ok(Exit::Fine);
    }
    deploy.confirm(
        &format!("Record {} as applied to {}, without running them?", counted(planned.pending.len(), "migration"), planned.place),
        printer,
    )?;
    let details = serde_json::json!({ "plan": value(&planned)? });
    let record = Record::begin(&log, "baseline", planned.place.clone().into(), &details).map_err(stopped)?;
    let done = runtime.block_on(baseline::record(&connection, &system, &options, &planned, &mut |line: &str| printer.say(line)));
    note(&record, &done, |_| true, printer);
    let recorded = done.map_err(stopped)?;
    if json {
        printer.document(&document(&[("plan", value(&planned)?), ("recorded", value(&recorded)?)]));
    } else {
        recorded.iter().for_each(|version| printer.result(format!("{GOOD}recorded{GOOD:#} {version}")));
    }
    Ok(Exit::Fine)
}
