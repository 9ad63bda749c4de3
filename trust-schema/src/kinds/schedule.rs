//! Jobs for pg_cron: made only where the extension is installed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::statement::Context;
use super::{Kind, ObjectKind, Section};
use crate::catalog::{Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::names::Lowering;
use crate::spec::{Entries, Text};
use crate::sql::quoted;

/// A job; its key is the job's name.
#[derive(Debug, Clone, Spec)]
pub struct ScheduleSpec {
    /// What the job does, for people.
    pub summary: Option<Text>,
    /// When it runs: five fields of cron, in UTC.
    pub cron: Text,
    /// A function that can be called without arguments.
    pub function: Text,
}

/// A job of pg_cron.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub name: String,
    pub cron: String,
    pub function: QualifiedName,
}

impl ObjectKind for Schedule {
    const KIND: Kind = Kind::Schedule;
    // pg_cron's table exists only where the extension does: read by `live`, where that is known.
    const INTROSPECTION: &'static str = "";

    fn id(&self) -> Id {
        Id::global(Kind::Schedule, &self.name)
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        let call = format!("SELECT {}()", self.function);
        let job = format!("PERFORM cron.schedule({}, {}, {});", quoted::quoted(&self.name), quoted::quoted(&self.cron), quoted::quoted(&call));
        let absent = format!("pg_cron is not installed: job {} is not scheduled; run operations/schedules.sql once it is", self.name);
        vec![where_installed(&job, Some(&absent))]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        let job = format!("PERFORM cron.unschedule(jobid) FROM cron.job WHERE jobname = {};", quoted::quoted(&self.name));
        vec![where_installed(&job, None)]
    }
    /// pg_cron replaces a job of the same name.
    fn alter(&self, _before: &Self, context: &Context<'_>) -> Option<Vec<Alteration>> {
        Some(Alteration::replace(self.create(context)))
    }
    // The job holds its call as a text, which does not follow.
    fn rename(&mut self, _names: &Renaming, _related: &[QualifiedName]) {}
}

/// PL/pgSQL resolves the names in a statement when it first runs, so the block is valid without the extension.
fn where_installed(statement: &str, otherwise: Option<&str>) -> String {
    let otherwise = otherwise.map(|notice| format!("  ELSE\n    RAISE NOTICE USING MESSAGE = {};\n", quoted::quoted(notice))).unwrap_or_default();
    let body = format!(
        "\nBEGIN\n  IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron') THEN\n    {statement}\n{otherwise}  END IF;\nEND\n"
    );
    format!("DO {};", quoted::dollar_quoted(&body, "schedule"))
}

impl Section for Entries<ScheduleSpec> {
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            if !is_cron(&spec.cron.value) {
                let message = format!("`{}` is no schedule of cron", spec.cron.value);
                lowering.report(
                    Diagnostic::error(&codes::BAD_SCHEDULE, message, spec.cron.span)
                        .help("five fields: minute hour day-of-month month day-of-week, for example `0 2 * * *`"),
                );
            }
            let mut needs = BTreeSet::new();
            let Some(function) = lowering.callable_without_arguments(&spec.function, &mut needs) else { continue };
            lowering.add(Schedule { name: name.value.clone(), cron: spec.cron.value.clone(), function }, needs, name.span);
        }
    }
}

/// Five fields of numbers, `*`, ranges, lists and steps, each within its range (the form that pg_cron reads).
fn is_cron(text: &str) -> bool {
    const RANGES: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
    let fields: Vec<&str> = text.split(' ').collect();
    fields.len() == RANGES.len() && fields.iter().zip(RANGES).all(|(field, range)| field.split(',').all(|part| is_cron_part(part, range)))
}

fn is_cron_part(part: &str, (low, high): (u32, u32)) -> bool {
    let (base, step) = part.split_once('/').map_or((part, None), |(base, step)| (base, Some(step)));
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| (low..=high).contains(number));
    let base_fits = match base.split_once('-') {
        Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
        None => base == "*" || number(base).is_some(),
    };
    base_fits && step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0 && step <= high))
}
