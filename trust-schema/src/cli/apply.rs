//! `trust-schema apply`

use super::baseline;
use super::deploy::{DeployArguments, Ready, document, exit, note, stopped, value};
use super::exit::Exit;
use super::printer::{Format, Printer, counted};
use super::project::Place;
use super::{Failure, fleet as fleet_file, progress::Progress};
use crate::live::deploy::fleet::{self, Member};
use crate::live::deploy::record::{Record, stamp};
use crate::live::deploy::{Stop, apply, backup, plan, report};

/// Apply the migrations to a database
///
/// Shows what would be applied and what it endangers, asks, makes a backup, and applies one migration after the other, each in one transaction
/// together with its row of history (that of the Supabase CLI). Stops at the first that fails; the same command goes on from there. One deployer
/// at a time.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema apply --dry-run --db postgresql://postgres@db.example.com/postgres\n  trust-schema apply --yes --expect FINGERPRINT       apply the plan that was looked at, or nothing\n  trust-schema apply --yes --backup FILE              with a backup that was made elsewhere\n  trust-schema apply --to 20260224020003              stop after this version\n  trust-schema apply --baseline                       adopt a database that was imported"
)]
pub struct Apply {
    #[command(flatten)]
    deploy: DeployArguments,
    /// Last version to apply [default: all]
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Apply only where the database has this fingerprint, which `--dry-run` shows
    #[arg(long, value_name = "FINGERPRINT")]
    expect: Option<String>,
    /// Record the migrations as applied without running them, where the database holds already exactly what they make
    #[arg(long, conflicts_with_all = ["fleet", "to"])]
    baseline: bool,
}

impl Apply {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        if self.baseline {
            return baseline::run(&self.deploy, self.expect.as_ref(), place, printer);
        }
        let Some(mut ready) = self.deploy.ready(place, printer)? else { return Ok(Exit::Findings) };
        ready.options.to.clone_from(&self.to);
        ready.options.expect.clone_from(&self.expect);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        if let Some(file) = &self.deploy.database.fleet {
            return self.fleet(&fleet_file::read(file, &ready.project)?, &ready, &runtime, printer);
        }
        let connection = self.deploy.connection(&ready)?;
        let planned = {
            let _progress = Progress::start("looking at the database");
            runtime.block_on(plan::plan(&connection, &ready.system, &ready.options)).map_err(stopped)?
        };
        let json = printer.format == Format::Json;
        if !json {
            printer.result(report::plan(&planned));
        }
        if self.deploy.dry_run {
            if json {
                printer.document(&document(&[("plan", value(&planned)?)]));
            }
            return Ok(Exit::Fine);
        }
        let mut secured = None;
        let mut record = None;
        if !planned.pending.is_empty() {
            if let Some(allow) = planned.refused(&ready.options.allow).first() {
                let stop = Stop::new("not-allowed", "the migrations hold what has to be allowed, see above");
                return Err(stopped(stop.help(format!("--allow {}", allow.word()))));
            }
            let question = format!("Apply {} to {}?", counted(planned.pending.len(), "migration"), planned.place);
            self.deploy.confirm(&question, printer)?;
            let made = {
                let _progress = Progress::start("making a backup");
                let choice = self.deploy.backup(&ready, None);
                backup::secure(&choice, &connection, &planned.server, &stamp()).map_err(stopped)?
            };
            printer.say(report::backup(&made));
            let details = serde_json::json!({ "plan": value(&planned)?, "backup": value(&made)? });
            record = Some(Record::begin(&ready.log, "apply", planned.place.clone().into(), &details).map_err(stopped)?);
            secured = Some(made);
        }
        let mut say = |line: &str| printer.say(line);
        let done = runtime.block_on(apply::apply(&connection, &ready.system, &ready.options, &planned, &mut say));
        if let Some(record) = &record {
            note(record, &done, apply::Report::is_fine, printer);
        }
        let done = done.map_err(stopped)?;
        if json {
            printer.document(&document(&[("plan", value(&planned)?), ("backup", value(&secured)?), ("report", value(&done)?)]));
        } else {
            printer.result(report::applied(&done));
        }
        Ok(exit(done.stopped.as_ref(), done.is_fine()))
    }

    /// The same for many databases; each is looked at when it is its turn.
    fn fleet(&self, members: &[Member], ready: &Ready, runtime: &tokio::runtime::Runtime, printer: &mut Printer) -> Result<Exit, Failure> {
        if self.expect.is_some() {
            return Err(stopped(Stop::new("fleet-file", "a fingerprint is that of one database").help("leave `--expect` out")));
        }
        if self.deploy.dry_run {
            for member in members {
                let planned = runtime.block_on(plan::plan(&member.connection, &ready.system, &ready.options));
                match planned {
                    Ok(planned) => printer.result(format!("wave {}  {}  {} to apply", member.wave, member.name, planned.pending.len())),
                    Err(stop) => printer.result(format!("wave {}  {}  refused: {stop}", member.wave, member.name)),
                }
            }
            return Ok(Exit::Fine);
        }
        self.deploy.confirm(&format!("Apply to {}?", counted(members.len(), "database")), printer)?;
        let fleet = fleet::Fleet {
            system: &ready.system,
            options: &ready.options,
            parallel: usize::from(self.deploy.database.parallel),
            backup: self.deploy.backup(ready, None),
            log: ready.log.clone(),
        };
        let outcomes = runtime.block_on(fleet::apply(&fleet, members, &mut |line: &str| printer.say(line)));
        if printer.format == Format::Json {
            printer.document(&document(&[("fleet", value(&outcomes)?)]));
        } else {
            printer.result(fleet::text(&outcomes));
        }
        Ok(if outcomes.iter().all(fleet::Outcome::is_fine) { Exit::Fine } else { Exit::Failed })
    }
}
