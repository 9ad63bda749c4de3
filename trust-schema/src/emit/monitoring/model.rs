//! What is measured: queries, and the metrics that their columns become. The exporters, the alerts and the dashboard are written from it.

use std::collections::BTreeSet;

use sqlparser::ast::{BinaryOperator, Expr};

use super::generic;
use super::names::{camel, label, slug, unique};
use crate::catalog::{Id, Object};
use crate::kinds::Kind;
use crate::kinds::monitor::AlertSeverity;
use crate::operations::Monitor;
use crate::resolve::Resolution;
use crate::sql::expression;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// Everything that is watched of a system.
pub struct Monitoring {
    pub project: String,
    /// What every metric begins with.
    pub prefix: String,
    pub database: Query,
    pub tables: Option<Query>,
    pub functions: Option<Query>,
    /// How many rows each monitor shows, and of how many its alert is true.
    pub overview: Option<Query>,
    pub monitors: Vec<Watched>,
}

/// A query, each row of which gives one sample of each of its metrics.
pub struct Query {
    /// What its metrics begin with.
    pub name: String,
    pub summary: String,
    pub sql: String,
    /// Columns that become labels.
    pub labels: Vec<String>,
    pub metrics: Vec<Metric>,
}

/// A column that becomes a metric, `<query>_<column>`.
pub struct Metric {
    pub column: String,
    pub help: String,
    pub kind: MetricKind,
    pub unit: Unit,
}

/// The types that both exporters know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    Gauge,
    Counter,
}

/// What a metric counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Number,
    Bytes,
    Seconds,
    /// Seconds since 1970.
    Time,
    /// From 0 to 1.
    Share,
    YesOrNo,
}

/// A monitor and its alert.
pub struct Watched {
    pub title: String,
    pub summary: String,
    pub view: String,
    pub query: Query,
    pub alert: Option<AlertRule>,
    /// Limits in the alert that are comparisons of one column with a number: column, limit, whether more than it is bad.
    pub thresholds: Vec<(String, f64, bool)>,
}

/// When somebody is told.
pub struct AlertRule {
    pub name: String,
    pub summary: String,
    pub when: String,
    pub severity: AlertSeverity,
    /// For how many seconds it must be true before.
    pub after: u64,
}

impl Query {
    pub fn metric(&self, column: &str) -> String {
        format!("{}_{column}", self.name)
    }
}

impl Monitoring {
    pub fn new(resolution: &Resolution) -> Monitoring {
        let prefix = slug(&resolution.project.name, "system");
        let database = generic::database(&prefix);
        let tables = generic::tables(&prefix, resolution);
        let functions = generic::functions(&prefix, resolution);
        let mut taken = BTreeSet::new();
        for query in std::iter::once(&database).chain(&tables).chain(&functions) {
            taken.extend(query.metrics.iter().map(|metric| query.metric(&metric.column)));
        }
        taken.extend(["rows", "firing_rows"].map(|column| format!("{prefix}_monitor_{column}")));
        // Both exporters know a query by its name, and rules by theirs.
        let mut names: BTreeSet<String> =
            ["database", "table", "function", "monitor", "monitoring_missing", "functions_untracked"].map(str::to_owned).into();
        let monitors: Vec<Watched> =
            resolution.operations.monitors.iter().filter_map(|monitor| watched(monitor, &prefix, resolution, &mut names, &mut taken)).collect();
        let overview = generic::overview(&prefix, &monitors);
        Monitoring { project: resolution.project.name.clone(), prefix, database, tables, functions, overview, monitors }
    }

    /// In the order in which they are written.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        std::iter::once(&self.database)
            .chain(&self.tables)
            .chain(&self.functions)
            .chain(&self.overview)
            .chain(self.monitors.iter().map(|monitor| &monitor.query))
    }

    /// What everything else of the rules is named after.
    pub fn rule(&self, name: &str) -> String {
        format!("{}{}", camel(&self.prefix), camel(name))
    }

    /// The metric that is there for as long as the exporter works.
    pub fn heartbeat(&self) -> String {
        self.overview.as_ref().map_or_else(|| self.database.metric("size_bytes"), |overview| overview.metric("rows"))
    }
}

/// How a column of a monitor is shown.
enum Shown {
    Label,
    Value { sql: String, suffix: &'static str, unit: Unit },
}

fn watched(monitor: &Monitor, prefix: &str, resolution: &Resolution, names: &mut BTreeSet<String>, taken: &mut BTreeSet<String>) -> Option<Watched> {
    let Some(Object::View(view)) = resolution.catalog.get(&monitor.view) else { return None };
    let title = unique(slug(&monitor.name, "monitor"), names, str::to_owned);
    let name = format!("{prefix}_{title}");
    let (mut labels, mut label_names, mut metrics, mut selected, mut columns) = (Vec::new(), BTreeSet::new(), Vec::new(), Vec::new(), Vec::new());
    for (column, data_type) in &view.columns {
        let quoted_column = quote(column);
        match shown(data_type, &quoted_column) {
            Shown::Label => {
                let label = unique(label(column), &mut label_names, str::to_owned);
                selected.push(format!("coalesce({quoted_column}::text, '') as {}", quote(&label)));
                labels.push(label);
            }
            Shown::Value { sql, suffix, unit } => {
                let base = slug(column, "value");
                let base = if suffix.is_empty() || base.ends_with(suffix) { base } else { format!("{base}{suffix}") };
                // `_total` says counter, and a monitor's figures may fall.
                let base = base.strip_suffix("_total").map_or_else(|| base.clone(), |rest| format!("{rest}_sum"));
                let unit = if unit == Unit::Number && (base == "share" || base.ends_with("_share")) { Unit::Share } else { unit };
                let metric = unique(base, taken, |column| format!("{name}_{column}"));
                selected.push(format!("coalesce({sql}, 'NaN'::double precision) as {}", quote(&metric)));
                columns.push((column.clone(), metric.clone()));
                metrics.push(Metric { column: metric, help: format!("{} ({column})", monitor.summary), kind: MetricKind::Gauge, unit });
            }
        }
    }
    if let Some(alert) = &monitor.alert {
        let firing = unique("firing".to_owned(), taken, |column| format!("{name}_{column}"));
        selected.push(format!("coalesce(({}), false)::integer::double precision as {}", alert.when, quote(&firing)));
        let help = format!("1 where the alert is true: {}", alert.summary);
        metrics.push(Metric { column: firing, help, kind: MetricKind::Gauge, unit: Unit::YesOrNo });
    }
    if metrics.is_empty() {
        // Nothing but texts: that the row is there is the figure.
        let present = unique("present".to_owned(), taken, |column| format!("{name}_{column}"));
        selected.push(format!("1::double precision as {}", quote(&present)));
        metrics.push(Metric { column: present, help: format!("{} (1 for each row)", monitor.summary), kind: MetricKind::Gauge, unit: Unit::YesOrNo });
    }
    let sql = format!("select\n  {}\nfrom {}", selected.join(",\n  "), monitor.view.name());
    let alert = monitor.alert.as_ref().map(|alert| AlertRule {
        name: format!("{}{}", camel(prefix), camel(&title)),
        summary: alert.summary.clone(),
        when: alert.when.clone(),
        severity: alert.severity,
        after: alert.after,
    });
    let thresholds = monitor.alert.as_ref().map(|alert| thresholds(&alert.when, &columns)).unwrap_or_default();
    let query = Query { name, summary: monitor.summary.clone(), sql, labels, metrics };
    Some(Watched { title, summary: monitor.summary.clone(), view: monitor.view.name().to_owned(), query, alert, thresholds })
}

/// Numbers are figures, times are seconds since 1970, everything else tells rows apart.
fn shown(data_type: &str, column: &str) -> Shown {
    let base = data_type.split_once('(').map_or(data_type, |(base, _)| base).trim();
    let base = base.strip_prefix("pg_catalog.").unwrap_or(base);
    match base {
        "smallint" | "int2" | "integer" | "int" | "int4" | "bigint" | "int8" | "numeric" | "decimal" | "real" | "float4" | "float8" | "float"
        | "double precision" => Shown::Value { sql: format!("{column}::double precision"), suffix: "", unit: Unit::Number },
        "boolean" | "bool" => Shown::Value { sql: format!("{column}::integer::double precision"), suffix: "", unit: Unit::YesOrNo },
        "interval" => Shown::Value { sql: format!("extract(epoch from {column})::double precision"), suffix: "_seconds", unit: Unit::Seconds },
        "date" => Shown::Value { sql: epoch(column), suffix: "_timestamp_seconds", unit: Unit::Time },
        _ if data_type.starts_with("timestamp") => Shown::Value { sql: epoch(column), suffix: "_timestamp_seconds", unit: Unit::Time },
        _ => Shown::Label,
    }
}

fn epoch(column: &str) -> String {
    format!("extract(epoch from {column})::double precision")
}

/// The comparisons of a column with a number that stand in an alert by themselves or joined by AND.
fn thresholds(when: &str, columns: &[(String, String)]) -> Vec<(String, f64, bool)> {
    let mut found = Vec::new();
    let Ok(parsed) = expression::parse(when) else { return found };
    // A stack of our own: a chain of ANDs is as deep as it is long.
    let mut waiting: Vec<&Expr> = vec![parsed.tree()];
    while let Some(tree) = waiting.pop() {
        match tree {
            Expr::Nested(inner) => waiting.push(inner),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => waiting.extend([right.as_ref(), left.as_ref()]),
            Expr::BinaryOp { left, op, right } => {
                let above = match op {
                    BinaryOperator::Gt | BinaryOperator::GtEq => true,
                    BinaryOperator::Lt | BinaryOperator::LtEq => false,
                    _ => continue,
                };
                let (Expr::Identifier(name), Expr::Value(value)) = (left.as_ref(), right.as_ref()) else { continue };
                let limit = value.value.to_string().parse::<f64>().ok().filter(|limit| limit.is_finite());
                let column = columns.iter().find(|(column, _)| *column == name.value);
                if let (Some(limit), Some((_, metric))) = (limit, column) {
                    found.push((metric.clone(), limit, above));
                }
            }
            _ => {}
        }
    }
    found
}

/// Objects of one sort as rows of a VALUES list.
pub fn values<'i>(rows: impl Iterator<Item = (&'i str, &'i str)>) -> String {
    rows.map(|(schema, name)| format!("({}, {})", quoted(schema), quoted(name))).collect::<Vec<_>>().join(",\n  ")
}

/// The functions that the view of a monitor calls: whoever reads a view needs EXECUTE on them.
pub fn called<'r>(view: &Id, resolution: &'r Resolution) -> Vec<&'r Id> {
    resolution.catalog.needs(view).filter(|id| id.kind() == Kind::Function).collect()
}
