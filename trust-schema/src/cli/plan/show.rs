//! A plan for people and for machines.

use serde_json::json;

use crate::access;
use crate::catalog::{Catalog, Id};
use crate::cli::keep_until_exit;
use crate::cli::printer::{BAD, GOOD, Printer, QUIET, STRONG, WARN, counted};
use crate::diagnostic::render::sarif;
use crate::diagnostic::{Code, Diagnostic, Severity, codes};
use crate::evolution::{Evolution, Hazard, Step, Verb, hazards, lock};
use crate::kinds::alteration::Work;
use crate::resolve::Resolution;
use crate::source::Sources;

/// What is planned, and from where to where.
pub struct Planned<'p> {
    pub resolution: &'p Resolution,
    pub sources: &'p Sources,
    /// Of the spec.
    pub folder: &'p str,
    /// Of the parts.
    pub names: Vec<String>,
    pub evolution: &'p Evolution,
    pub hazards: &'p [Hazard],
    /// For each part, what leads back over it; empty where nothing does.
    pub back: &'p [Evolution],
    pub before: &'p Catalog,
    pub after: &'p Catalog,
    /// What it leads on from.
    pub from: &'p str,
}

impl Planned<'_> {
    pub fn print(&self, printer: &mut Printer) {
        let evolution = self.evolution;
        let mut counts = [0_usize; 3];
        for (number, (name, part)) in self.names.iter().zip(&evolution.parts).enumerate() {
            let how = if part.transactional { "one transaction" } else { "each statement by itself, others go on" };
            printer.result(format!("{STRONG}{name}{STRONG:#} {QUIET}{how}{QUIET:#}"));
            for step in &part.steps {
                let (style, sign, place) = match step.verb {
                    Verb::Create => (GOOD, "+", 0),
                    Verb::Alter => (WARN, "~", 1),
                    Verb::Drop => (BAD, "-", 2),
                };
                if let Some(count) = counts.get_mut(place) {
                    *count += 1;
                }
                let origin = self.place(&step.id).map(|place| format!(" {QUIET}{place}{QUIET:#}"));
                printer.result(format!("  {style}{sign}{style:#} {}{}", step.id, origin.unwrap_or_default()));
                for note in notes(step) {
                    printer.result(format!("      {note}"));
                }
            }
            for note in self.back.get(number).into_iter().flat_map(hazards).filter_map(|hazard| waiting(&hazard)) {
                printer.result(format!("  {QUIET}rolled back:{QUIET:#} {note}"));
            }
        }
        let changes = self.access_changes();
        if !changes.is_empty() {
            printer.result(format!("{STRONG}access{STRONG:#}"));
            changes.iter().for_each(|change| printer.result(format!("  {change}")));
        }
        let [created, changed, dropped] = counts;
        let count = |is: fn(&Hazard) -> bool| self.hazards.iter().filter(|hazard| is(hazard)).count();
        let losses = count(|hazard| matches!(hazard, Hazard::Loss { .. }));
        let reduced = count(|hazard| matches!(hazard, Hazard::Reduced { .. }));
        let reduced = if reduced > 0 { format!(", values of {} reduced", counted(reduced, "object")) } else { String::new() };
        printer.result(if evolution.is_empty() {
            format!("no changes since {}", self.from)
        } else {
            format!(
                "{created} to create, {changed} to change, {dropped} to drop, in {}; {} lost{reduced}",
                counted(evolution.parts.len(), "migration"),
                counted(losses, "object")
            )
        });
    }

    fn place(&self, id: &Id) -> Option<String> {
        let origin = self.resolution.origins.get(id)?;
        let file = &self.sources.get(origin.span.file).path;
        Some(format!("{}/{file}:{}", self.folder, self.sources.position(origin.span).line))
    }

    pub fn print_sql(&self, printer: &mut Printer) {
        for (name, part) in self.names.iter().zip(&self.evolution.parts) {
            printer.result(format!("-- {name}{}", if part.transactional { "" } else { ": each statement by itself" }));
            for statement in part.steps.iter().flat_map(|step| &step.statements) {
                printer.result(&statement.sql);
            }
        }
    }

    fn access_changes(&self) -> Vec<access::Change> {
        if self.evolution.is_empty() {
            return Vec::new();
        }
        let owner = &self.resolution.project.owner;
        let [before, after] = access::access_apart(self.before, self.after, owner);
        let changes = access::diff(&before, &after);
        keep_until_exit((before, after));
        changes
    }

    pub fn document(&self) -> serde_json::Value {
        let parts = self.names.iter().zip(&self.evolution.parts).enumerate().map(|(number, (name, part))| {
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
            json!({
                "migration": name,
                "transactional": part.transactional,
                "steps": steps.collect::<Vec<_>>(),
                // Nothing where nothing leads back.
                "rollback_hazards": self.back.get(number).map(hazards),
            })
        });
        json!({
            "format_version": "1.0",
            "migrations": parts.collect::<Vec<_>>(),
            "hazards": self.hazards,
            "access": self.access_changes(),
        })
    }

    /// Hazards and changes of access as findings, at the places of the spec.
    pub fn sarif(&self) -> String {
        let warning = |code: &'static Code, message: String, id: &Id| {
            let place = self.resolution.origins.get(id).map(|origin| origin.span);
            Diagnostic { severity: Severity::Warning, ..Diagnostic::error_at(code, message, place) }
        };
        let hazards = self.hazards.iter().map(|hazard| match hazard {
            Hazard::Loss { object } => warning(&codes::PLAN_LOSES, format!("{object} is destroyed with what is in it"), object),
            Hazard::Reduced { object, what } => warning(&codes::PLAN_LOSES, format!("{object}: values lose {what}"), object),
            Hazard::Rewrite { object } => {
                warning(&codes::PLAN_REWRITES, format!("{object}: every row is written anew while everybody waits"), object)
            }
            Hazard::Scan { object, lock } => warning(&codes::PLAN_SCANS, format!("{object}: every row is read under {}", lock.words()), object),
        });
        let access = self
            .access_changes()
            .into_iter()
            .map(|change| Diagnostic { severity: Severity::Warning, ..Diagnostic::global(&codes::PLAN_CHANGES_ACCESS, change.to_string()) });
        let findings: Vec<Diagnostic> = hazards.chain(access).collect();
        sarif::render(&findings, self.sources, self.folder)
    }
}

/// Whom a rollback keeps waiting, and what values lose that were written since. What it destroys is what the migration brought.
fn waiting(hazard: &Hazard) -> Option<String> {
    match hazard {
        Hazard::Loss { .. } => None,
        Hazard::Reduced { object, what } => Some(format!("{object} {BAD}loses {what}{BAD:#} of what was written since")),
        Hazard::Rewrite { object } => Some(format!("{object} {WARN}writes every row anew{WARN:#} under ACCESS EXCLUSIVE")),
        Hazard::Scan { object, lock } => Some(format!("{object} reads every row under {}", lock.words())),
    }
}

/// What somebody has to know of a step, once each.
fn notes(step: &Step) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for statement in &step.statements {
        let lock = lock(step, &statement.sql).map(|lock| format!(" under {}", lock.words())).unwrap_or_default();
        let note = match statement.work {
            Work::Catalog if statement.sql.contains(" RENAME ") || statement.sql.contains(" SET SCHEMA ") => statement.sql.clone(),
            Work::Catalog => continue,
            Work::Scan => format!("reads every row{lock}"),
            Work::Rewrite => format!("{WARN}writes every row anew{WARN:#}{lock}"),
            Work::Reduce(what) => format!("{WARN}writes every row anew{WARN:#}{lock}, and {BAD}values lose {what}{BAD:#}"),
            Work::Loss => format!("{BAD}destroys what is in it{BAD:#}"),
        };
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn work(work: Work) -> &'static str {
    match work {
        Work::Catalog => "catalog",
        Work::Scan => "scan",
        Work::Rewrite | Work::Reduce(_) => "rewrite",
        Work::Loss => "loss",
    }
}
