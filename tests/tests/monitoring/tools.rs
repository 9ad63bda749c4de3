//! The files under their own tools: promtool for the rules, Grafana's own types for the dashboard, a YAML parser of another language.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::node;
use crate::spec::{monitoring, repository};
use crate::support::{queries, text, yaml};

/// promtool's exit and output in a folder, or nothing where it is not installed.
pub fn promtool(arguments: &[&str], folder: &Path) -> Option<(bool, String)> {
    match Command::new("promtool").args(arguments).current_dir(folder).output() {
        Ok(output) => {
            Some((output.status.success(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))))
        }
        Err(error) => {
            eprintln!("not run: promtool {} ({error}); `scripts/setup` installs it where there is apt-get", arguments.join(" "));
            None
        }
    }
}

#[test]
fn promtool_accepts_the_rules_and_their_tests_pass() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["alerts.yaml", "alerts.test.yaml"] {
        std::fs::write(folder.path().join(name), monitoring(name)).unwrap();
    }
    let Some((passed, told)) = promtool(&["check", "rules", "alerts.yaml"], folder.path()) else { return };
    assert!(passed && told.contains("9 rules found"), "{told}");
    let (passed, told) = promtool(&["test", "rules", "alerts.test.yaml"], folder.path()).unwrap();
    assert!(passed, "{told}");
    // The tests are tests: with a rule that never fires they fail.
    let broken = monitoring("alerts.yaml").replace("(trust_lite_risk_event_rate_firing) == 1", "(trust_lite_risk_event_rate_firing) == 2");
    assert_ne!(broken, monitoring("alerts.yaml"));
    std::fs::write(folder.path().join("alerts.yaml"), broken).unwrap();
    let (passed, told) = promtool(&["test", "rules", "alerts.test.yaml"], folder.path()).unwrap();
    assert!(!passed && told.contains("TrustLiteRiskEventRate"), "{told}");
}

/// JSON has no enums: their values as the strings that they are.
const PLAIN: &str =
    "type Plain<T> = T extends string ? `${T}` : T extends Array<infer I> ? Plain<I>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;";

#[test]
fn the_dashboard_has_the_types_of_grafana() {
    let dashboard = monitoring("dashboard.json");
    let check = |json: &str| {
        let folder = node::folder();
        std::fs::copy(repository().join("tests/typescript/tsconfig.json"), folder.path().join("tsconfig.json")).unwrap();
        // A literal, so that keys that Grafana does not know are mistakes, too.
        let program = format!("import type {{ Dashboard }} from '@grafana/schema';\n{PLAIN}\nexport const dashboard: Plain<Dashboard> = {json};\n");
        std::fs::write(folder.path().join("dashboard.ts"), program).unwrap();
        let output =
            node::run(Command::new("node").arg(node::packages().join("node_modules/typescript/bin/tsc")).arg("--noEmit").current_dir(folder.path()));
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    // `null` begins the first step, as in everything that Grafana saves; its types say number.
    let typed = |text: &str| text.replace("\"value\": null", "\"value\": -1");
    let (passed, told) = check(&typed(dashboard));
    assert!(passed, "{told}");
    for (right, wrong) in
        [("\"schemaVersion\": 39", "\"schemaVersion\": \"39\""), ("\"gridPos\"", "\"gridPosition\""), ("\"absolute\"", "\"relative\"")]
    {
        let (passed, told) = check(&typed(&dashboard.replace(right, wrong)));
        assert!(!passed, "{wrong} passed: {told}");
    }
}

/// Every metric that a rule or a panel names is one that the exporters make.
#[test]
fn rules_and_panels_name_metrics_that_exist() {
    let made: BTreeSet<String> = queries().iter().flat_map(|query| query.metrics.iter().map(|metric| format!("{}_{metric}", query.name))).collect();
    let rules = yaml(monitoring("alerts.yaml"));
    let dashboard: Value = serde_json::from_str(monitoring("dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut expressions: Vec<String> = rules["groups"][0]["rules"].as_array().unwrap().iter().map(|rule| text(&rule["expr"])).collect();
    expressions.extend(panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten()).map(|target| text(&target["expr"])));
    let mut drawn = BTreeSet::new();
    for expression in &expressions {
        let words = expression.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        for word in words.filter(|word| word.starts_with("trust_lite_")) {
            assert!(made.contains(word), "{word} in {expression}");
            drawn.insert(word.to_owned());
        }
    }
    // All of a monitor's figures are drawn.
    let missing: Vec<_> = made
        .iter()
        .filter(|metric| !metric.contains("_table_") && !metric.contains("_function_") && !metric.contains("_database_") && !drawn.contains(*metric))
        .collect();
    assert_eq!(missing, ["trust_lite_monitor_firing_rows"; 0], "drawn by no panel");
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    assert!(dashboard["uid"].as_str().unwrap().len() <= 40);
}

#[test]
fn both_exporters_make_the_same_metrics() {
    let extension = yaml(monitoring("postgres_exporter.yaml"));
    let extension = extension.as_object().unwrap();
    assert_eq!(extension.len(), queries().len());
    for query in queries() {
        let other = &extension[&query.name];
        assert_eq!(text(&other["query"]), query.sql);
        let columns: Vec<String> =
            other["metrics"].as_array().unwrap().iter().map(|entry| entry.as_object().unwrap().keys().next().unwrap().clone()).collect();
        let own: Vec<String> = query.labels.iter().chain(&query.metrics).cloned().collect();
        assert_eq!(columns, own);
    }
}
