//! `trust-schema rollback`

use super::deploy::{DeployArguments, document, exit, note, stopped, value};
use super::exit::Exit;
use super::printer::{Format, Printer};
use super::project::Place;
use super::{Failure, progress::Progress};
use crate::live::deploy::record::{Record, stamp};
use crate::live::deploy::rollback::Mode;
use crate::live::deploy::{Allow, Stop, backup, report, rollback};

/// Who throws a kill switch cannot wait for a backup of a large database.
const NO_TIME: &str = "a kill switch must not wait";

/// Roll a database back: by a kill switch, in part, to a version, or altogether
///
/// Shows what would be run and which rows it would destroy, asks, makes a backup (not before a kill switch), and runs the generated files, each in
/// one transaction together with what becomes of history. Where data would be lost, that has to be allowed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema rollback --kill-switch --yes\n  trust-schema rollback --kill-switch NAME --yes\n  trust-schema rollback --to 20260224020003 --dry-run\n  trust-schema rollback --full --allow data-loss"
)]
pub struct Rollback {
    #[command(flatten)]
    mode: ModeArguments,
    #[command(flatten)]
    deploy: DeployArguments,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct ModeArguments {
    /// Throw this kill switch, or all
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    kill_switch: Option<String>,
    /// What the spec calls the partial rollback
    #[arg(long)]
    partial: bool,
    /// Everything
    #[arg(long)]
    full: bool,
    /// Down to this version, which stays
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
}

impl ModeArguments {
    fn mode(&self) -> Mode {
        match (&self.kill_switch, &self.to) {
            (Some(name), _) => Mode::KillSwitch(Some(name.clone()).filter(|name| !name.is_empty())),
            (None, Some(version)) => Mode::To(version.clone()),
            (None, None) if self.partial => Mode::Partial,
            (None, None) => Mode::Full,
        }
    }
}

impl Rollback {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let Some(ready) = self.deploy.ready(place, printer)? else { return Ok(Exit::Findings) };
        let mode = self.mode.mode();
        if self.deploy.database.fleet.is_some() {
            return Err(stopped(Stop::new("fleet-file", "databases are rolled back one by one").help("give `--db URL`")));
        }
        let connection = self.deploy.connection(&ready)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let planned = {
            let _progress = Progress::start("looking at the database");
            runtime.block_on(rollback::plan(&connection, &ready.system, &ready.options, &mode)).map_err(stopped)?
        };
        let json = printer.format == Format::Json;
        if !json {
            printer.result(report::rollback_plan(&planned));
        }
        if self.deploy.dry_run || planned.files.is_empty() {
            if json {
                printer.document(&document(&[("plan", value(&planned)?)]));
            } else if planned.files.is_empty() {
                printer.say("nothing is applied: there is nothing to roll back");
            }
            return Ok(Exit::Fine);
        }
        if planned.loses_data() && !ready.options.allow.contains(&Allow::DataLoss) {
            let stakes: Vec<String> = planned.stakes.iter().map(|stake| format!("{}: {}", stake.object, stake.told)).collect();
            return Err(stopped(Stop::new("data-loss", format!("this would destroy data:\n  {}", stakes.join("\n  "))).help("--allow data-loss")));
        }
        self.deploy.confirm(&format!("Roll back {}?", planned.place), printer)?;
        let made = {
            let _progress = Progress::start("making a backup");
            let choice = self.deploy.backup(&ready, matches!(mode, Mode::KillSwitch(_)).then_some(NO_TIME));
            backup::secure(&choice, &connection, &planned.server, &stamp()).map_err(stopped)?
        };
        printer.say(report::backup(&made));
        let details = serde_json::json!({ "plan": value(&planned)?, "backup": value(&made)? });
        let record = Record::begin(&ready.log, "rollback", planned.place.clone().into(), &details).map_err(stopped)?;
        let mut say = |line: &str| printer.say(line);
        let done = runtime.block_on(rollback::rollback(&connection, &ready.system, &ready.options, &planned, &mut say));
        note(&record, &done, rollback::RollbackReport::is_fine, printer);
        let done = done.map_err(stopped)?;
        if json {
            printer.document(&document(&[("plan", value(&planned)?), ("backup", value(&made)?), ("report", value(&done)?)]));
        } else {
            printer.result(report::rolled_back(&done));
        }
        Ok(exit(done.stopped.as_ref(), done.is_fine()))
    }
}
