//! Alerting rules for Prometheus, and their unit tests for promtool.

use std::collections::BTreeMap;

use serde::Serialize;

use super::model::{AlertRule, Monitoring, Query, Watched};
use super::names::template_literal;
use super::yaml;
use crate::emit::Files;
use crate::kinds::monitor::AlertSeverity;

/// How long nothing may come from the exporter.
const MISSING_MINUTES: u64 = 5;
/// How long functions may go uncounted.
const UNTRACKED_MINUTES: u64 = 60;

#[derive(Serialize)]
struct Rules<'m> {
    groups: [Group<'m>; 1],
}

#[derive(Serialize)]
struct Group<'m> {
    name: &'m str,
    rules: Vec<Rule>,
}

#[derive(Serialize, Clone)]
struct Rule {
    alert: String,
    expr: String,
    r#for: String,
    labels: BTreeMap<&'static str, String>,
    annotations: BTreeMap<&'static str, String>,
    /// What `annotations` reads like once Prometheus has expanded it.
    #[serde(skip)]
    expanded: BTreeMap<&'static str, String>,
    #[serde(skip)]
    seconds: u64,
}

#[derive(Serialize)]
struct Tests {
    rule_files: [&'static str; 1],
    evaluation_interval: &'static str,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    interval: &'static str,
    input_series: Vec<Series>,
    alert_rule_test: Vec<Expectation>,
}

#[derive(Serialize, Clone)]
struct Series {
    series: String,
    values: String,
}

#[derive(Serialize)]
struct Expectation {
    eval_time: String,
    alertname: String,
    exp_alerts: Vec<Expected>,
}

#[derive(Serialize)]
struct Expected {
    exp_labels: BTreeMap<String, String>,
    exp_annotations: BTreeMap<&'static str, String>,
}

pub fn emit(monitoring: &Monitoring, files: &mut Files) -> Result<(), serde_yaml_ng::Error> {
    let rules = rules(monitoring);
    let tests = tests(monitoring, &rules);
    let all = rules.missing.into_iter().chain(rules.untracked).chain(rules.monitors.into_iter().map(|(_, rule)| rule)).collect();
    let rules = Rules { groups: [Group { name: &monitoring.prefix, rules: all }] };
    let head = [
        "Rules for Prometheus: name this file in its `rule_files`. Each condition is SQL of the spec and is computed by the database: a rule only",
        "asks whether it is true. Who is told, by severity, is configured in Alertmanager. Check: promtool check rules <this file>",
    ];
    files.insert("monitoring/alerts.yaml", yaml::file(&head, &rules)?);
    files.insert("monitoring/alerts.test.yaml", yaml::file(&["Tests of alerts.yaml: promtool test rules <this file>"], &tests)?);
    Ok(())
}

struct All<'m> {
    missing: Option<Rule>,
    untracked: Option<Rule>,
    monitors: Vec<(&'m Watched, Rule)>,
}

fn rules(monitoring: &Monitoring) -> All<'_> {
    let missing = rule(
        monitoring,
        monitoring.rule("monitoring_missing"),
        format!("absent({})", monitoring.heartbeat()),
        MISSING_MINUTES * 60,
        AlertSeverity::Critical,
        "No figures arrive: no other alert can fire.",
        "The exporter is down, cannot reach the database, may not read the monitors (role.sql), or a monitor fails.",
    );
    let untracked = monitoring.functions.as_ref().map(|_| {
        rule(
            monitoring,
            monitoring.rule("functions_untracked"),
            format!("max({}) == 0", monitoring.database.metric("functions_tracked")),
            UNTRACKED_MINUTES * 60,
            AlertSeverity::Info,
            "Calls of functions are not counted.",
            "A superuser turns it on: ALTER SYSTEM SET track_functions = 'all'; SELECT pg_reload_conf();",
        )
    });
    let monitors = monitoring.monitors.iter().filter_map(|monitor| Some((monitor, alert(monitoring, monitor, monitor.alert.as_ref()?)?)));
    All { missing: Some(missing), untracked, monitors: monitors.collect() }
}

fn alert(monitoring: &Monitoring, monitor: &Watched, alert: &AlertRule) -> Option<Rule> {
    let firing = firing(&monitor.query)?;
    let by = if monitor.query.labels.is_empty() { String::new() } else { format!(" by ({})", monitor.query.labels.join(", ")) };
    let description = format!("{} True for a row of {}: {}", monitor.summary, monitor.view, alert.when);
    let expr = format!("max{by} ({firing}) == 1");
    Some(rule(monitoring, alert.name.clone(), expr, alert.after, alert.severity, &alert.summary, &description))
}

/// The metric that says whether a row's alert is true: the last one.
fn firing(query: &Query) -> Option<String> {
    query.metrics.last().map(|metric| query.metric(&metric.column))
}

fn rule(monitoring: &Monitoring, alert: String, expr: String, seconds: u64, severity: AlertSeverity, summary: &str, description: &str) -> Rule {
    let severity = match severity {
        AlertSeverity::Info => "info",
        AlertSeverity::Warning => "warning",
        AlertSeverity::Critical => "critical",
    };
    let expanded = BTreeMap::from([("summary", summary.to_owned()), ("description", description.to_owned())]);
    Rule {
        alert,
        expr,
        r#for: format!("{seconds}s"),
        labels: BTreeMap::from([("severity", severity.to_owned()), ("system", monitoring.prefix.clone())]),
        annotations: expanded.iter().map(|(key, text)| (*key, template_literal(text))).collect(),
        expanded,
        seconds,
    }
}

/// Each alert is true and silent for as long as it must last, then fires; none fires where all is well; silence fires.
fn tests(monitoring: &Monitoring, rules: &All<'_>) -> Tests {
    let alerts = || rules.untracked.iter().chain(rules.monitors.iter().map(|(_, rule)| rule));
    let mut tests = Vec::new();
    let quiet = alerts().chain(&rules.missing).map(|rule| expectation(rule, minutes(rule) + 2, None));
    let all: Vec<Series> = heartbeat(monitoring).into_iter().chain(rules.monitors.iter().filter_map(|(monitor, _)| series(monitor, "0"))).collect();
    tests.push(Test { name: "all is well".to_owned(), interval: "1m", input_series: all, alert_rule_test: quiet.collect() });
    if let Some(missing) = &rules.missing {
        let labels = BTreeMap::new();
        let expected = vec![expectation(missing, MISSING_MINUTES - 1, None), expectation(missing, MISSING_MINUTES + 1, Some(labels))];
        tests.push(Test { name: "nothing arrives".to_owned(), interval: "1m", input_series: Vec::new(), alert_rule_test: expected });
    }
    if let Some(untracked) = &rules.untracked {
        let off = Series { series: monitoring.database.metric("functions_tracked"), values: "0x120".to_owned() };
        let expected =
            vec![expectation(untracked, UNTRACKED_MINUTES - 1, None), expectation(untracked, UNTRACKED_MINUTES + 1, Some(BTreeMap::new()))];
        tests.push(Test { name: "functions are not counted".to_owned(), interval: "1m", input_series: vec![off], alert_rule_test: expected });
    }
    for (monitor, rule) in &rules.monitors {
        let labels: BTreeMap<String, String> = monitor.query.labels.iter().map(|label| (label.clone(), "x".to_owned())).collect();
        let mut expected = Vec::new();
        if minutes(rule) > 1 {
            expected.push(expectation(rule, minutes(rule) - 1, None));
        }
        expected.push(expectation(rule, minutes(rule) + 1, Some(labels)));
        let input = heartbeat(monitoring).into_iter().chain(series(monitor, "1")).collect();
        tests.push(Test { name: format!("{} fires", rule.alert), interval: "1m", input_series: input, alert_rule_test: expected });
    }
    Tests { rule_files: ["alerts.yaml"], evaluation_interval: "1m", tests }
}

/// Whole minutes, rounded up.
fn minutes(rule: &Rule) -> u64 {
    rule.seconds.div_ceil(60)
}

fn expectation(rule: &Rule, minute: u64, labels: Option<BTreeMap<String, String>>) -> Expectation {
    let exp_alerts = labels.map(|mut labels| {
        labels.extend(rule.labels.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        vec![Expected { exp_labels: labels, exp_annotations: rule.expanded.clone() }]
    });
    Expectation { eval_time: format!("{minute}m"), alertname: rule.alert.clone(), exp_alerts: exp_alerts.unwrap_or_default() }
}

/// What arrives from a working exporter whose monitors are all quiet.
fn heartbeat(monitoring: &Monitoring) -> Vec<Series> {
    let beat = Series { series: format!("{}{{instance=\"a\"}}", monitoring.heartbeat()), values: constant("1") };
    let tracked = Series { series: monitoring.database.metric("functions_tracked"), values: constant("1") };
    vec![beat, tracked]
}

fn series(monitor: &Watched, value: &str) -> Option<Series> {
    let labels: String = monitor.query.labels.iter().map(|label| format!(", {label}=\"x\"")).collect();
    Some(Series { series: format!("{}{{instance=\"a\"{labels}}}", firing(&monitor.query)?), values: constant(value) })
}

/// A value that stays for longer than any alert of a sensible spec must last; promtool expands it in memory.
fn constant(value: &str) -> String {
    format!("{value}x3000")
}
