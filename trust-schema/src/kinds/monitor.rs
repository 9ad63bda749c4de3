//! Monitors: views over what is worth watching, and when to alert.

use std::collections::BTreeSet;

use trust_macros::Spec;

use super::function::Security;
use super::{Section, retention, view};
use crate::diagnostic::{Diagnostic, codes};
use crate::names::{Declaring, Lowering, Scope};
use crate::operations::{Alert, Monitor};
use crate::spec::{Entries, SqlText, Text};

/// A view `monitor_<name>` in the project's private schema.
#[derive(Debug, Clone, Spec)]
pub struct MonitorSpec {
    /// What it shows, for people.
    pub summary: Text,
    /// A SELECT.
    pub query: SqlText,
    /// Its columns and their types, in the order of the query.
    pub columns: Entries<Text>,
    /// When somebody should be told.
    pub alert: Option<AlertSpec>,
}

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Spec)]
pub enum AlertSeverity {
    Info,
    Warning,
    Critical,
}

/// When somebody should be told.
#[derive(Debug, Clone, Spec)]
pub struct AlertSpec {
    /// SQL over the monitor's columns.
    pub when: SqlText,
    /// What it means and what to do.
    pub summary: Text,
    /// `info`, `warning` or `critical`.
    pub severity: AlertSeverity,
    /// For how long it must be true before anybody is told, for example `10 minutes`; at once by default.
    pub after: Option<Text>,
}

impl Section for Entries<MonitorSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declaring.operation("monitor", name);
            if let Some((name, schema)) = declaring.private_name(name, "monitor") {
                declaring.view(&name, Some(&schema), &spec.columns);
            }
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let Some(qualified) = lowering.private_name(&format!("monitor `{}`", name.value), name, "monitor") else { continue };
            // It shows what is inside: with the owner's rights, and to the owner alone.
            let Some(id) = view::lower(qualified.clone(), name, &spec.query, &spec.columns, Security::Definer, None, lowering) else { continue };
            lowering.comment(&id, Some(&spec.summary));
            let alert = spec.alert.as_ref().and_then(|alert| {
                let relation = lowering.names.relation(&qualified)?;
                let when = lowering.expression(&alert.when.0, &Scope::Row(relation), &mut BTreeSet::new())?;
                let after = alert.after.as_ref().map_or(Some(0), |after| patience(after, lowering))?;
                Some(Alert { when: when.text().to_owned(), summary: alert.summary.value.clone(), severity: alert.severity, after })
            });
            lowering.operations().monitors.push(Monitor { name: name.value.clone(), summary: spec.summary.value.clone(), view: id, alert });
        }
    }
}

/// An interval in seconds.
fn patience(after: &Text, lowering: &mut Lowering<'_>) -> Option<u64> {
    let seconds = retention::seconds(&after.value);
    if seconds.is_none() {
        let message = format!("`{}` is no interval to wait for", after.value);
        lowering.report(Diagnostic::error(&codes::BAD_INTERVAL, message, after.span).help("a number and a unit, for example `10 minutes`"));
    }
    seconds
}
