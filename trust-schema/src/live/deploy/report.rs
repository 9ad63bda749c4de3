//! Plans and outcomes for people.

use super::apply::Report;
use super::backup::Backup;
use super::hazards::HazardKind;
use super::plan::Plan;
use super::rollback::{Mode, RollbackPlan, RollbackReport};
use super::verify::Verification;

/// Failed checks that are listed.
const SHOWN: usize = 20;

/// A plan, some lines.
pub fn plan(plan: &Plan) -> String {
    let mut lines = vec![
        format!("database     {} (PostgreSQL {}, database `{}`, role `{}`)", plan.place, plan.server.version, plan.server.database, plan.server.role),
        format!("fingerprint  {}", plan.fingerprint),
        format!("history      {} applied, {} to apply", counted(plan.applied, "migration"), plan.pending.len()),
    ];
    for pending in &plan.pending {
        let steps = match (pending.steps, pending.done) {
            (0 | 1, _) => String::new(),
            (steps, 0) => format!(", {steps} steps"),
            (steps, done) => format!(", {steps} steps, {done} of them done"),
        };
        lines.push(format!("  {}_{}  {}{steps}", pending.version, pending.name, counted(pending.statements, "statement")));
    }
    for (kind, head) in [
        (HazardKind::DataLoss, "data is lost (--allow data-loss)"),
        (HazardKind::Access, "access may grow (--allow access)"),
        (HazardKind::Lock, "locks a table that is there already"),
    ] {
        let mut found = plan.of(kind).peekable();
        if found.peek().is_some() {
            lines.push(head.to_owned());
        }
        lines.extend(found.map(|hazard| format!("  {}:{}  {}  {}", hazard.file, hazard.line, hazard.object, hazard.statement)));
    }
    lines.extend(plan.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}

/// How applying went, some lines.
pub fn applied(report: &Report) -> String {
    let mut lines = Vec::new();
    if report.by_another {
        lines.push("another deployment has applied everything meanwhile".to_owned());
    }
    for done in &report.applied {
        let again = if done.attempts > 1 { format!(", {} attempts", done.attempts) } else { String::new() };
        let recovered = if done.recovered { ", its COMMIT was answered by history" } else { "" };
        lines.push(format!("applied {}_{} in {} ms{again}{recovered}", done.version, done.name, done.milliseconds));
    }
    lines.extend(report.verification.iter().map(verification));
    if let Some(stop) = &report.stopped {
        lines.push(format!("stopped: {stop}"));
        lines.push("the database is at the last migration applied; run the same again to go on".to_owned());
    }
    lines.join("\n")
}

/// A plan to roll back, some lines.
pub fn rollback_plan(plan: &RollbackPlan) -> String {
    let what = match &plan.mode {
        Mode::KillSwitch(None) => "all kill switches".to_owned(),
        Mode::KillSwitch(Some(name)) => format!("kill switch `{name}`"),
        Mode::Partial => "partial rollback".to_owned(),
        Mode::Full => "full rollback".to_owned(),
        Mode::To(version) => format!("rollback to {version}"),
    };
    let mut lines = vec![
        format!("database     {} (PostgreSQL {}, database `{}`, role `{}`)", plan.place, plan.server.version, plan.server.database, plan.server.role),
        format!("rollback     {what}"),
    ];
    for (file, versions) in &plan.files {
        let versions = if versions.is_empty() { String::new() } else { format!("  (history loses {})", versions.join(", ")) };
        lines.push(format!("  {file}{versions}"));
    }
    if plan.loses_data() {
        lines.push("data is lost (--allow data-loss)".to_owned());
    }
    lines.extend(plan.stakes.iter().map(|stake| format!("  {}  {}", stake.object, stake.told)));
    lines.extend(plan.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}

/// How rolling back went, some lines.
pub fn rolled_back(report: &RollbackReport) -> String {
    let mut lines: Vec<String> = report.done.iter().map(|file| format!("done {file}")).collect();
    lines.extend(report.verification.iter().filter(|found| found.checks > 0 || !found.failures.is_empty()).map(verification));
    if let Some(stop) = &report.stopped {
        lines.push(format!("stopped: {stop}"));
        lines.push("the database is at a recorded state; run the same again to go on".to_owned());
    }
    lines.join("\n")
}

/// A backup, one line.
pub fn backup(backup: &Backup) -> String {
    match backup {
        Backup::File { path, bytes, sha256, entries, made_by } => {
            let start: String = sha256.chars().take(12).collect();
            format!(
                "backup: {} ({bytes} bytes, {}, sha256 {start}…, made by {made_by})",
                path.display(),
                counted(*entries, "entry").replace("entrys", "entries")
            )
        }
        Backup::None { reason } => format!("no backup: {reason}"),
    }
}

fn verification(found: &Verification) -> String {
    if found.failures.is_empty() {
        return format!("verified: {} passed", counted(usize::try_from(found.checks).unwrap_or(usize::MAX), "check"));
    }
    let mut lines =
        vec![format!("verification failed: {} of {}", found.failures.len(), counted(usize::try_from(found.checks).unwrap_or(usize::MAX), "check"))];
    lines.extend(found.failures.iter().take(SHOWN).map(|failure| format!("  {failure}")));
    if found.failures.len() > SHOWN {
        lines.push(format!("  and {} more", found.failures.len() - SHOWN));
    }
    lines.join("\n")
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
