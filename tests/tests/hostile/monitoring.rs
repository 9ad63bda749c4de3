//! The files for monitoring: whatever a string is, they have the rules, queries and panels that they had.

use serde_json::Value;
use trust_schema::emit::Files;
use trust_schema::sql::lexer::{self, TokenKind};

/// What a set of files holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    queries: usize,
    metrics: usize,
    rules: usize,
    tests: usize,
    panels: usize,
    /// Statements of `role.sql`.
    grants: usize,
}

pub fn shape(files: &Files) -> Result<Shape, String> {
    let yaml = |name: &str| -> Result<Value, String> {
        serde_yaml_ng::from_str(files.0.get(&format!("monitoring/{name}")).ok_or("missing")?).map_err(|error| format!("{name}: {error}"))
    };
    let count = |value: &Value| value.as_array().map_or(0, Vec::len);
    let (collector, rules, tests) = (yaml("trust.collector.yml")?, yaml("alerts.yaml")?, yaml("alerts.test.yaml")?);
    yaml("postgres_exporter.yaml")?;
    for query in collector["queries"].as_array().into_iter().flatten() {
        let sql = query["query"].as_str().unwrap_or_default();
        if semicolons(sql)? != 0 {
            return Err(format!("more than one statement: {sql}"));
        }
    }
    for metric in collector["metrics"].as_array().into_iter().flatten() {
        let names = metric["key_labels"].as_array().into_iter().flatten().chain([&metric["metric_name"]]);
        if let Some(name) = names.map(|name| name.as_str().unwrap_or_default()).find(|name| !is_name(name)) {
            return Err(format!("no name of a metric: {name:?}"));
        }
    }
    let dashboard: Value = serde_json::from_str(&files.0["monitoring/dashboard.json"]).map_err(|error| error.to_string())?;
    Ok(Shape {
        queries: count(&collector["queries"]),
        metrics: count(&collector["metrics"]),
        rules: count(&rules["groups"][0]["rules"]),
        tests: count(&tests["tests"]),
        panels: count(&dashboard["panels"]),
        grants: files.0.get("monitoring/role.sql").map_or(Ok(0), |text| semicolons(text))?,
    })
}

fn semicolons(sql: &str) -> Result<usize, String> {
    // psql's variable is no SQL.
    let lexed = lexer::lex(&sql.replace(":\"role\"", "\"role\""));
    match lexed.errors.first() {
        Some(error) => Err(format!("{error:?} in {sql}")),
        None => Ok(lexed.tokens.iter().filter(|token| token.kind == TokenKind::Semicolon).count()),
    }
}

fn is_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
