//! Monitoring: what an exporter asks, when Prometheus alerts, and what Grafana shows, from the monitors of the spec and PostgreSQL's statistics.
//!
//! A condition stays SQL: the exporter selects it as a figure, and the rule looks at the figure. Nothing is translated to PromQL, so nothing drifts.

mod alerts;
mod dashboard;
mod exporters;
mod generic;
mod model;
mod names;
mod yaml;

use super::Files;
use super::sql::Surroundings;
use model::Monitoring;

/// `monitoring/`: `trust.collector.yml`, `postgres_exporter.yaml`, `role.sql`, `alerts.yaml`, `alerts.test.yaml` and `dashboard.json`.
pub fn emit(surroundings: &Surroundings<'_>, files: &mut Files) {
    let monitoring = Monitoring::new(surroundings.resolution);
    // Texts, numbers and names in structs: nothing that YAML or JSON cannot hold.
    let written = exporters::emit(&monitoring, surroundings, files).and_then(|()| alerts::emit(&monitoring, files));
    debug_assert!(written.is_ok(), "{written:?}");
    if let Ok(text) = serde_json::to_string_pretty(&dashboard::dashboard(&monitoring)) {
        files.insert("monitoring/dashboard.json", format!("{text}\n"));
    }
}
