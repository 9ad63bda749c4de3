//! `trust-schema plan`

mod show;

use super::Failure;
use super::deploy::{scratch_server, stopped, surroundings};
use super::exit::Exit;
use super::printer::{Format, Printer};
use super::progress::Progress;
use super::project::{Place, Project, Whole};
use crate::live::deploy::Stop;
use crate::live::deploy::connection::Connection;
use crate::live::deploy::migration::system;
use crate::live::drift::{Convergence, Subject, converge, goal, look};
use crate::live::server::{Environment, Installing};
use show::Planned;

/// Show what leads on from the release, or from a database to the spec
///
/// What changes, in the order in which it is run, with the locks that it takes, what it rewrites, reads or destroys, and who gains or loses access.
/// Needs no database. With --db it reads one, writes nothing to it, and shows what would make of it what the spec says, whoever changed it: both
/// sides are read back from PostgreSQL, the spec's from a throw-away database.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema plan\n  trust-schema plan --sql\n  trust-schema plan --format sarif > plan.sarif\n  trust-schema plan --db postgresql://postgres@db.example.com/postgres --sql\n  trust-schema plan --detailed-exitcode   1 where something would change"
)]
pub struct Plan {
    /// Print the SQL alone
    #[arg(long)]
    sql: bool,
    /// Exit with 1 where something would change
    #[arg(long)]
    detailed_exitcode: bool,
    /// From this database, a URL or `key=value` list of libpq, instead of from the release
    #[arg(long, value_name = "URL", help_heading = "Database")]
    db: Option<String>,
    /// Objects of others in the same schemas are left alone
    #[arg(long, requires = "db", help_heading = "Database")]
    with_others: bool,
    /// Do not install a server where the machine has none of the database's major version
    #[arg(long, requires = "db", help_heading = "Database")]
    no_install: bool,
}

impl Plan {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        match &self.db {
            Some(url) => self.of_database(&project, url, printer),
            None => self.of_release(&project, printer),
        }
    }

    fn of_release(&self, project: &Project, printer: &mut Printer) -> Result<Exit, Failure> {
        let compilation = project.resolve()?;
        printer.diagnostics(&compilation.diagnostics, &compilation.sources, &project.folder());
        let Some(resolution) = &compilation.resolution else { return Ok(Exit::Findings) };
        let Some(pending) = &resolution.pending else {
            printer.say("nothing is released yet: everything is pending, and `trust-schema generate` writes it");
            return Ok(Exit::Fine);
        };
        let folder = project.folder();
        let names = resolution.modules.iter().skip(pending.released.release.migrations.len()).map(|module| module.migration.clone()).collect();
        let planned = Planned {
            resolution,
            sources: &compilation.sources,
            folder: &folder,
            names,
            evolution: &pending.evolution,
            hazards: &pending.hazards,
            back: &pending.back,
            // Whoever could read a table still can under its new name.
            before: pending.evolution.renamed.as_ref().unwrap_or(&pending.released.release.catalog),
            after: &resolution.catalog,
            from: "the release",
        };
        self.print(&planned, printer);
        let changes = self.detailed_exitcode && !pending.evolution.is_empty();
        super::keep_until_exit(compilation);
        Ok(if changes { Exit::Findings } else { Exit::Fine })
    }

    fn of_database(&self, project: &Project, url: &str, printer: &mut Printer) -> Result<Exit, Failure> {
        let Some(Whole { sources, resolution, outputs }) = project.compile_migrations(printer)? else { return Ok(Exit::Findings) };
        let system = system(&resolution, outputs).map_err(stopped)?;
        let subject = Subject { system: &system, resolution: &resolution, sources: &sources, with_others: self.with_others, baseline: false };
        let environment = Environment::read();
        let installing = if self.no_install { Installing::Forbidden } else { Installing::Allowed };
        let connection = Connection::find(Some(url), &surroundings(project)?).map_err(stopped)?;
        let progress = Progress::start("reading the database");
        let mut said = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let found: Result<Convergence, Stop> = runtime.block_on(async {
            let seen = look(&connection, &subject).await?;
            progress.message("building what it should hold");
            let target = scratch_server(seen.server.major, installing, &environment, &mut said).await?;
            converge(seen, &goal(&target, &subject).await?, &subject)
        });
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        let found = found.map_err(stopped)?;
        let folder = project.folder();
        let names = (1..=found.evolution.parts.len()).map(|number| format!("part {number}")).collect();
        let planned = Planned {
            resolution: &resolution,
            sources: &sources,
            folder: &folder,
            names,
            evolution: &found.evolution,
            hazards: &found.hazards,
            back: &[],
            before: found.evolution.renamed.as_ref().unwrap_or(&found.before),
            after: &found.after,
            from: &found.place,
        };
        self.print(&planned, printer);
        for drift in &found.left {
            // Of others' objects beside ours, these alone are told.
            let counts = if self.with_others && drift.of_others { ": one of ours has its name, and `trust-schema verify` counts it" } else { "" };
            printer.say(format!("left alone: {}{counts}", drift.object));
        }
        Ok(if self.detailed_exitcode && !found.evolution.is_empty() { Exit::Findings } else { Exit::Fine })
    }

    fn print(&self, planned: &Planned<'_>, printer: &mut Printer) {
        match printer.format {
            Format::Json => printer.document(&planned.document()),
            Format::Sarif => printer.result(planned.sarif()),
            _ if self.sql => planned.print_sql(printer),
            _ => planned.print(printer),
        }
    }
}
