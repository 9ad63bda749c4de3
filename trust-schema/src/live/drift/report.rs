//! A verdict for people.

use super::{Drift, Verdict, What};

/// Longest value that is printed.
const WIDTH: usize = 160;

/// Some lines.
pub fn text(verdict: &Verdict) -> String {
    let mut lines = vec![format!("database  {} (PostgreSQL {}, database `{}`)", verdict.place, verdict.server.version, verdict.server.database)];
    for drift in &verdict.drifts {
        lines.push(String::new());
        lines.extend(one(drift));
    }
    if !verdict.drifts.is_empty() {
        lines.push(String::new());
    }
    lines.extend(outside(verdict));
    if !verdict.pending.is_empty() {
        lines.push(format!("not applied yet: {}", verdict.pending.join(", ")));
    }
    lines.push(line(verdict));
    lines.join("\n")
}

/// One line for each difference.
pub fn concise(verdict: &Verdict) -> String {
    let mut lines: Vec<String> =
        verdict.drifts.iter().map(|drift| head(drift) + &drift.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default()).collect();
    lines.extend(outside(verdict));
    lines.push(line(verdict));
    lines.join("\n")
}

/// What is found besides objects.
fn outside(verdict: &Verdict) -> impl Iterator<Item = String> {
    let history = verdict.history.iter().map(|stop| format!("history: {stop}"));
    history.chain(verdict.verification.failures.iter().map(|failure| format!("check failed: {failure}")))
}

/// What there is to say in one line.
pub fn line(verdict: &Verdict) -> String {
    let count = verdict.drifts.len() + verdict.verification.failures.len() + usize::from(verdict.history.is_some());
    match count {
        0 => format!("no drift: {} objects and {} checks", verdict.compared, verdict.verification.checks),
        1 => "1 difference".to_owned(),
        count => format!("{count} differences"),
    }
}

fn head(drift: &Drift) -> String {
    match (drift.what, &drift.attribute) {
        (What::Added, _) => format!("added    {}", drift.object),
        (What::Removed, _) => format!("removed  {}", drift.object),
        (What::Changed, attribute) => format!("changed  {}: {}", drift.object, attribute.as_deref().unwrap_or("value")),
    }
}

fn one(drift: &Drift) -> Vec<String> {
    let mut lines = vec![head(drift)];
    lines.extend(drift.place.iter().map(|place| format!("  at        {place}")));
    if drift.what == What::Changed {
        lines.extend(drift.expected.iter().map(|value| format!("  expected  {}", short(value))));
        lines.extend(drift.actual.iter().map(|value| format!("  found     {}", short(value))));
    }
    for (number, statement) in drift.mend.iter().flat_map(|statement| statement.lines()).enumerate() {
        lines.push(format!("  {}{statement}", if number == 0 { "mend      " } else { "          " }));
    }
    lines.push(format!("  adopt     {}", drift.adopt));
    lines
}

fn short(value: &serde_json::Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= WIDTH { text } else { text.chars().take(WIDTH).chain(['…']).collect() }
}
