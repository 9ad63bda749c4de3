//! Keys of a spec that are weakened: what somebody may write, or forget, by mistake.

use super::document::{Document, Entry, Value};
use super::tokens::Edit;
use super::{conditions, statements};

/// The roles to which a spec might give too much.
const ROLES: [&str; 3] = ["anon", "authenticated", "service_role"];
/// Keys whose values are SQL conditions or queries.
const SQL: [&str; 8] = ["using", "check", "where", "condition", "sql", "query", "expression", "body"];
/// Sections that are dropped whole, by the key in their names.
const SECTIONS: [(&str, &str); 6] = [
    (".policy.", "dropped policy"),
    (".trigger.", "dropped trigger"),
    (".foreign_key.", "dropped foreign key"),
    (".unique.", "dropped uniqueness"),
    (".check.", "dropped check"),
    (".index.", "dropped index"),
];

/// Every weakened form of one TOML file; `tables` are those of the whole spec.
pub fn edits(text: &str, tables: &[String]) -> Vec<Edit> {
    let Some(document) = Document::read(text) else { return Vec::new() };
    let mut edits = Vec::new();
    for entry in &document.entries {
        let path: Vec<&str> = entry.path.iter().map(String::as_str).collect();
        let Some(key) = path.last().copied() else { continue };
        sql(&document, entry, key, &path, &mut edits);
        match path.as_slice() {
            ["function" | "retention" | "table" | "view" | "sequence" | "role", _] => section(&document, entry, path[0], &mut edits),
            [.., "policy", _, _] => policy(&document, entry, key, &mut edits),
            ["tenancy", ..] => tenancy(&document, entry, &path, tables, &mut edits),
            _ => {}
        }
        switch(&document, entry, key, &path, &mut edits);
        list(&document, entry, key, &path, &mut edits);
    }
    for (name, range) in document.sections() {
        let operator = SECTIONS.iter().find(|(part, _)| name.contains(part) && !name.ends_with(".columns")).map(|(_, operator)| *operator);
        edits.extend(operator.map(|operator| Edit::new(operator, range, "")));
    }
    edits
}

fn sql(document: &Document<'_>, entry: &Entry<'_>, key: &str, path: &[&str], edits: &mut Vec<Edit>) {
    let Value::Text(range) = &entry.kind else { return };
    // What tests, measures and seeds say is no element of security.
    let irrelevant = ["smoke_test", "benchmark", "benchmark_data", "seed", "monitor", "kill_switch"];
    if !SQL.contains(&key) || path.first().is_some_and(|section| irrelevant.contains(section)) {
        return;
    }
    let text = &document.text[range.clone()];
    // A bare expression stands behind a WHERE that is not there.
    let found = conditions::edits(text).into_iter().chain(if key == "body" { statements::edits(text) } else { Vec::new() });
    edits.extend(found.map(|edit| Edit { range: range.start + edit.range.start..range.start + edit.range.end, ..edit }));
}

/// What a whole object lacks and is given.
fn section(document: &Document<'_>, entry: &Entry<'_>, kind: &str, edits: &mut Vec<Edit>) {
    let Value::Table(keys, false) = &entry.kind else { return };
    let has = |key: &str| keys.iter().any(|known| known == key);
    let depth = entry.path.len();
    let first = document
        .entries
        .iter()
        .find(|other| other.path.len() == depth + 1 && other.path[..depth] == entry.path[..] && !matches!(other.kind, Value::Table(_, false)));
    let Some(first) = first else { return };
    let mut insert = |operator: &'static str, line: &str| edits.push(Edit::new(operator, first.key.start..first.key.start, format!("{line}\n")));
    match kind {
        "function" => {
            if !has("execute") {
                ROLES.iter().for_each(|role| insert("wider execute", &format!("execute = [\"{role}\"]")));
            }
            if !has("security") {
                insert("definer made invoker", "security = \"invoker\"");
            }
        }
        "table" | "view" if !has("access") => {
            ROLES
                .iter()
                .for_each(|role| insert("wider access", &format!("access = {{ {role} = [\"select\", \"insert\", \"update\", \"delete\"] }}")));
        }
        "sequence" if !has("access") => ROLES.iter().for_each(|role| insert("wider access", &format!("access = {{ {role} = [\"usage\"] }}"))),
        "role" => {
            for (key, operator) in [("bypasses_row_security", "role past row-level security"), ("login", "role that may log in")] {
                if !has(key) {
                    insert(operator, &format!("{key} = true"));
                }
            }
        }
        _ => {}
    }
}

fn policy(document: &Document<'_>, entry: &Entry<'_>, key: &str, edits: &mut Vec<Edit>) {
    match key {
        "using" | "check" => {
            edits.push(Edit::new("policy always true", entry.value.clone(), "\"true\""));
            edits.push(Edit::new(if key == "using" { "dropped using" } else { "dropped with check" }, document.whole(entry), ""));
        }
        "command" => edits.push(Edit::new("policy for all commands", entry.value.clone(), "\"all\"")),
        _ => {}
    }
}

fn tenancy(document: &Document<'_>, entry: &Entry<'_>, path: &[&str], tables: &[String], edits: &mut Vec<Edit>) {
    match path {
        [_, "floor" | "context" | "composite_keys" | "tenant_led_indexes"] => edits.push(Edit::new("dropped tenancy", document.whole(entry), "")),
        [_, "shared"] => {
            let Value::Array(shared) = &entry.kind else { return };
            let is_new = |table: &&String| shared.iter().all(|(_, known)| known.as_ref() != Some(*table));
            for table in tables.iter().filter(is_new) {
                edits.push(Edit::new("table of tenants made shared", entry.value.start + 1..entry.value.start + 1, format!("\"{table}\", ")));
            }
        }
        _ => {}
    }
}

/// Keys that are turned over, dropped or given another value.
fn switch(document: &Document<'_>, entry: &Entry<'_>, key: &str, path: &[&str], edits: &mut Vec<Edit>) {
    let value = &document.text[entry.value.clone()];
    let operator = match (key, &entry.kind) {
        ("restrictive", Value::Boolean(true)) => "restrictive made permissive",
        ("force_row_level_security", Value::Boolean(true)) => "row-level security not forced",
        ("append_only", Value::Boolean(true)) => "dropped append-only",
        ("unique", Value::Boolean(true)) => "dropped uniqueness",
        ("nulls_not_distinct", Value::Boolean(true)) => "uniqueness without nulls",
        ("strict", Value::Boolean(true)) => "strict dropped",
        ("check_option", Value::Text(_)) => "dropped check option",
        ("one_of" | "check", _) if path.contains(&"columns") => "dropped check",
        ("where", Value::Text(_)) if path.contains(&"index") => "dropped condition of an index",
        ("on_delete", Value::Text(_)) => "changed action of a key",
        ("guard", Value::Array(_)) => "dropped guard",
        ("references", Value::Text(_)) if path.contains(&"columns") => {
            // What a reference does goes with it.
            let siblings = document.siblings(entry).filter(|other| other.path.last().is_some_and(|key| key.starts_with("on_")));
            let end = siblings.map(|other| other.value.end).chain([entry.value.end]).max().unwrap_or(entry.value.end);
            edits.push(Edit::new("dropped foreign key", document.with_comma(entry.key.start..end), ""));
            return;
        }
        ("security", Value::Text(_)) => {
            let (operator, other) =
                if value.contains("definer") { ("definer made invoker", "\"invoker\"") } else { ("invoker made definer", "\"definer\"") };
            edits.push(Edit::new(operator, entry.value.clone(), other));
            return;
        }
        ("type", _) if path.contains(&"columns") && path[0] == "table" => {
            if !document.siblings(entry).any(|other| other.path.last().is_some_and(|key| key == "nullable")) {
                edits.push(Edit::new("dropped not null", entry.value.end..entry.value.end, ", nullable = true"));
            }
            return;
        }
        ("effect", Value::Text(_)) if value.contains("write") => {
            edits.push(Edit::new("write called internal", entry.value.clone(), "\"internal\""));
            return;
        }
        _ => return,
    };
    edits.push(Edit::new(operator, document.whole(entry), ""));
    if key == "on_delete" {
        for other in ["\"cascade\"", "\"set_null\"", "\"restrict\""].into_iter().filter(|other| *other != value) {
            edits.push(Edit::new(operator, entry.value.clone(), other));
        }
    }
}

/// Lists that grow or shrink.
fn list(document: &Document<'_>, entry: &Entry<'_>, key: &str, path: &[&str], edits: &mut Vec<Edit>) {
    if let (true, Value::Array(elements)) = (["guard", "columns", "primary_key"].contains(&key), &entry.kind)
        && elements.len() > 1
        && path[0] != "seed"
    {
        let operator = if key == "guard" { "dropped guard" } else { "key without a column" };
        let is_key = key != "columns" || path.contains(&"unique") || path.contains(&"foreign_key");
        edits.extend(elements.iter().filter(|_| is_key).map(|(range, _)| Edit::new(operator, document.with_comma(range.clone()), "")));
    }
    if let (true, Value::Array(elements)) = (["execute", "to"].contains(&key), &entry.kind) {
        let operator = if key == "execute" { "wider execute" } else { "policy for another role" };
        for role in ROLES.into_iter().chain(["public"]).filter(|role| elements.iter().all(|(_, text)| text.as_deref() != Some(role))) {
            let comma = if elements.is_empty() { "" } else { ", " };
            edits.push(Edit::new(operator, entry.value.start + 1..entry.value.start + 1, format!("\"{role}\"{comma}")));
        }
    }
    if path.len() >= 2 && path[path.len() - 2] == "access" {
        edits.push(wider_access(path[0], entry.value.clone()));
    }
    if let (true, Value::Table(roles, true)) = (key == "access", &entry.kind) {
        for role in ROLES.into_iter().filter(|role| !roles.iter().any(|known| known == role)) {
            let comma = if roles.is_empty() { " " } else { ", " };
            let place = entry.value.start + 1..entry.value.start + 1;
            let Edit { by, .. } = wider_access(path[0], place.clone());
            edits.push(Edit::new("wider access", place, format!(" {role} = {by}{comma}")));
        }
    }
}

fn wider_access(section: &str, range: std::ops::Range<usize>) -> Edit {
    let all = match section {
        "table" | "view" => "[\"select\", \"insert\", \"update\", \"delete\"]",
        "sequence" => "[\"usage\", \"select\"]",
        _ => "[\"usage\"]",
    };
    Edit::new("wider access", range, all)
}
