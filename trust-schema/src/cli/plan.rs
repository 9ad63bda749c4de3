//! `trust-schema plan`

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::printer::{BAD, Format, GOOD, Printer, QUIET, STRONG, WARN, counted};
use super::project::{Place, Project};
use crate::access;
use crate::evolution::{Hazard, Step, Verb, lock};
use crate::kinds::alteration::Work;
use crate::resolve::pending::Pending;
use crate::resolve::{Module, Resolution, Resolved};

/// Show what leads on from the release
///
/// What changes, in the order in which it is run, with the locks that it takes, what it rewrites, reads or destroys, and who gains or loses access.
/// Needs no database.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema plan\n  trust-schema plan --sql\n  trust-schema plan --detailed-exitcode   1 where something would change"
)]
pub struct Plan {
    /// Print the SQL alone
    #[arg(long)]
    sql: bool,
    /// Exit with 1 where something would change
    #[arg(long)]
    detailed_exitcode: bool,
}

impl Plan {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let compilation = project.resolve()?;
        printer.diagnostics(&compilation.diagnostics, &compilation.sources, &project.folder());
        let Some(resolution) = &compilation.resolution else { return Ok(Exit::Findings) };
        let Some(pending) = &resolution.pending else {
            printer.say("nothing is released yet: everything is pending, and `trust-schema generate` writes it");
            return Ok(Exit::Fine);
        };
        if printer.format == Format::Json {
            printer.document(&document(resolution, pending));
        } else if self.sql {
            print_sql(resolution, pending, printer);
        } else {
            print(resolution, pending, &compilation, &project, printer);
        }
        let changes = self.detailed_exitcode && !pending.evolution.is_empty();
        super::keep_until_exit(compilation);
        Ok(if changes { Exit::Findings } else { Exit::Fine })
    }
}

fn print(resolution: &Resolution, pending: &Pending, compilation: &Resolved, project: &Project, printer: &mut Printer) {
    let evolution = &pending.evolution;
    let mut counts = [0_usize; 3];
    for (module, part) in modules(resolution, pending).zip(&evolution.parts) {
        let how = if part.transactional { "one transaction" } else { "each statement by itself, others go on" };
        printer.result(format!("{STRONG}{}{STRONG:#} {QUIET}{how}{QUIET:#}", module.migration));
        for step in &part.steps {
            let (style, sign, place) = match step.verb {
                Verb::Create => (GOOD, "+", 0),
                Verb::Alter => (WARN, "~", 1),
                Verb::Drop => (BAD, "-", 2),
            };
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
            let origin = resolution.origins.get(&step.id).map(|origin| {
                let file = &compilation.sources.get(origin.span.file).path;
                format!(" {QUIET}{}/{file}:{}{QUIET:#}", project.folder(), compilation.sources.position(origin.span).line)
            });
            printer.result(format!("  {style}{sign}{style:#} {}{}", step.id, origin.unwrap_or_default()));
            for note in notes(step) {
                printer.result(format!("      {note}"));
            }
        }
    }
    let changes = access_changes(resolution, pending);
    if !changes.is_empty() {
        printer.result(format!("{STRONG}access{STRONG:#}"));
        changes.iter().for_each(|change| printer.result(format!("  {change}")));
    }
    let [created, changed, dropped] = counts;
    let losses = pending.hazards.iter().filter(|hazard| matches!(hazard, Hazard::Loss { .. })).count();
    printer.result(if evolution.is_empty() {
        "no changes since the release".to_owned()
    } else {
        format!(
            "{created} to create, {changed} to change, {dropped} to drop, in {}; {} lost",
            counted(evolution.parts.len(), "migration"),
            counted(losses, "object")
        )
    });
}

/// What somebody has to know of a step, once each.
fn notes(step: &Step) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for statement in &step.statements {
        let lock = lock(step, &statement.sql).map(|lock| format!(" under {}", lock.words())).unwrap_or_default();
        let note = match statement.work {
            Work::Catalog => continue,
            Work::Scan => format!("reads every row{lock}"),
            Work::Rewrite => format!("{WARN}writes every row anew{WARN:#}{lock}"),
            Work::Loss => format!("{BAD}destroys what is in it{BAD:#}"),
        };
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn print_sql(resolution: &Resolution, pending: &Pending, printer: &mut Printer) {
    for (module, part) in modules(resolution, pending).zip(&pending.evolution.parts) {
        printer.result(format!("-- {}{}", module.migration, if part.transactional { "" } else { ": each statement by itself" }));
        for statement in part.steps.iter().flat_map(|step| &step.statements) {
            printer.result(&statement.sql);
        }
    }
}

fn modules<'r>(resolution: &'r Resolution, pending: &Pending) -> impl Iterator<Item = &'r Module> {
    resolution.modules.iter().skip(pending.released.release.migrations.len())
}

fn access_changes(resolution: &Resolution, pending: &Pending) -> Vec<access::Change> {
    let owner = &resolution.project.owner;
    // Whoever could read a table still can under its new name.
    let before = pending.evolution.renamed.as_ref().unwrap_or(&pending.released.release.catalog);
    access::diff(&access::access(before, owner), &access::access(&resolution.catalog, owner))
}

fn document(resolution: &Resolution, pending: &Pending) -> serde_json::Value {
    let parts = modules(resolution, pending).zip(&pending.evolution.parts).map(|(module, part)| {
        let steps = part.steps.iter().map(|step| {
            let statements = step.statements.iter().map(|statement| {
                let lock = lock(step, &statement.sql);
                json!({ "sql": statement.sql, "work": work(statement.work), "lock": lock })
            });
            let verb = match step.verb {
                Verb::Create => "create",
                Verb::Alter => "change",
                Verb::Drop => "drop",
            };
            json!({ "object": step.id, "verb": verb, "statements": statements.collect::<Vec<_>>() })
        });
        json!({ "migration": module.migration, "transactional": part.transactional, "steps": steps.collect::<Vec<_>>() })
    });
    json!({
        "format_version": "1.0",
        "migrations": parts.collect::<Vec<_>>(),
        "hazards": pending.hazards,
        "access": access_changes(resolution, pending),
    })
}

fn work(work: Work) -> &'static str {
    match work {
        Work::Catalog => "catalog",
        Work::Scan => "scan",
        Work::Rewrite => "rewrite",
        Work::Loss => "loss",
    }
}
