//! Every key of every kind, taken away, put there and changed: found from the cases of the kinds and from the shape of the language itself. All of
//! them are recorded; each is run on a real server in both directions, a part of them in every run and all with `TRUST_SCHEMA_EVOLUTION=all`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tests::compile::{Compiled, compile, folder};
use tests::postgres::{any_major, database};
use toml::Value;
use trust_schema::evolution::Manner;
use trust_schema::kinds::ModuleSpec;
use trust_schema::live::server::Regime;
use trust_schema::source::SourceFile;
use trust_schema::spec::{Decode, Shape};

use super::run::{build, catalog, differences, found, run_part, way};

/// Kinds whose keys make something that PostgreSQL holds.
const KINDS: &[&str] = &[
    "composite",
    "domain",
    "enum",
    "function",
    "guard",
    "predicate",
    "raw",
    "retention",
    "schedule",
    "schema",
    "seed",
    "sequence",
    "table",
    "template",
    "view",
];

/// Of how many pairs one is run, unless all are.
const ONE_OF: usize = 15;

/// What is done to a key.
#[derive(Debug, Clone)]
struct Edit {
    /// Where, and what.
    label: String,
    module: Value,
}

/// All forms of a value, without `Either`.
fn forms(shape: Shape) -> Vec<Shape> {
    match shape {
        Shape::Either(all) => all.into_iter().flat_map(forms).collect(),
        shape => vec![shape],
    }
}

/// Another value of the same form.
fn changed(value: &Value, shapes: &[Shape]) -> Option<Value> {
    match value {
        Value::Boolean(is) => Some(Value::Boolean(!is)),
        Value::Integer(number) => Some(Value::Integer(number + 1)),
        Value::Float(number) => Some(Value::Float(number + 1.0)),
        Value::Array(items) if items.len() > 1 => Some(Value::Array(items[..items.len() - 1].to_vec())),
        Value::String(text) => shapes.iter().find_map(|shape| match shape {
            Shape::Choice { labels, .. } => labels.iter().find(|label| *label != text).map(|label| Value::String((*label).to_owned())),
            Shape::Sql => Some(Value::String(format!("coalesce({text}, {text})"))),
            Shape::String => Some(Value::String(format!("{text}x"))),
            _ => None,
        }),
        _ => None,
    }
}

/// Every edit of one place below a value; `done` puts an edited value into the whole.
fn edits(value: &Value, shapes: Vec<Shape>, path: &str, required: bool, whole: &dyn Fn(Option<Value>) -> Value, found: &mut Vec<Edit>) {
    if !path.is_empty() && !required {
        found.push(Edit { label: format!("{path} removed"), module: whole(None) });
    }
    if let Some(other) = changed(value, &shapes) {
        found.push(Edit { label: format!("{path} changed"), module: whole(Some(other)) });
    }
    match value {
        Value::Table(table) => {
            for (key, inner) in table {
                let (mut below, mut is_required) = (Vec::new(), false);
                for shape in &shapes {
                    match shape {
                        Shape::Map(inner) => below.extend(forms(inner())),
                        Shape::Table(fields) => {
                            for field in (fields.fields)().into_iter().filter(|field| field.key == key) {
                                is_required |= field.required;
                                below.extend(forms((field.shape)()));
                            }
                        }
                        _ => {}
                    }
                }
                let put = |new: Option<Value>| {
                    let mut table = table.clone();
                    match new {
                        Some(new) => drop(table.insert(key.clone(), new)),
                        None => drop(table.remove(key)),
                    }
                    whole(Some(Value::Table(table)))
                };
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                edits(inner, below, &path, is_required, &put, found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_table) => {
            for (place, inner) in items.iter().enumerate() {
                let below = shapes.iter().flat_map(|shape| if let Shape::Array(inner) = shape { forms(inner()) } else { Vec::new() }).collect();
                let put = |new: Option<Value>| {
                    let mut items = items.clone();
                    match new {
                        Some(new) => items[place] = new,
                        None => drop(items.remove(place)),
                    }
                    whole(Some(Value::Array(items)))
                };
                edits(inner, below, &format!("{path}.{place}"), false, &put, found);
            }
        }
        _ => {}
    }
}

/// A case, and all edits of it that compile; compiled once.
fn pairs(kind: &'static str) -> Arc<Edited> {
    static COMPILED: LazyLock<Mutex<BTreeMap<&str, Arc<Edited>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    compiled.entry(kind).or_insert_with(|| Arc::new(compile_all(kind))).clone()
}

type Edited = (Compiled, Vec<(String, Compiled)>);

fn compile_all(kind: &str) -> Edited {
    let files = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/kinds").join(kind));
    let module = files.iter().find(|file| file.path == "case.toml").expect("a module").text.clone();
    let parsed: Value = toml::from_str(&module).expect("TOML");
    let mut found = Vec::new();
    edits(&parsed, vec![ModuleSpec::shape()], "", true, &|new| new.unwrap_or(Value::Table(toml::Table::new())), &mut found);
    let with = |module: &Value| {
        let mut files: Vec<SourceFile> = files.iter().filter(|file| file.path != "case.toml").cloned().collect();
        files.push(SourceFile { path: "case.toml".to_owned(), text: toml::to_string(module).expect("TOML") });
        compile(files)
    };
    let base = with(&parsed);
    assert!(base.0.resolution.is_some(), "{kind}: {}", base.full());
    let edited = found.into_iter().filter(|edit| !edit.label.starts_with("module")).map(|edit| (edit.label, with(&edit.module)));
    (base, edited.filter(|(_, compiled)| compiled.0.resolution.is_some()).collect())
}

/// The statements of a way, each by its first line.
fn lines(base: &Compiled, other: &Compiled) -> String {
    match way(catalog(base), catalog(other), Manner::Online) {
        Err(stuck) => format!("  {stuck}\n"),
        Ok(evolution) => {
            let mut text = String::new();
            for (number, part) in evolution.parts.iter().enumerate() {
                if number > 0 || !part.transactional {
                    text.push_str(if part.transactional { "  then\n" } else { "  then, each by itself\n" });
                }
                for statement in part.steps.iter().flat_map(|step| &step.statements) {
                    let line = statement.sql.lines().find(|line| !line.starts_with("--")).unwrap_or_default();
                    text.push_str(&format!("  {line}\n"));
                }
            }
            text
        }
    }
}

#[test]
fn every_key_of_every_kind_is_recorded() {
    let mut count = 0;
    for kind in KINDS {
        let (base, edited) = &*pairs(kind);
        let mut record = String::new();
        for (label, other) in edited {
            let (there, back) = (lines(base, other), lines(other, base));
            if there.is_empty() && back.is_empty() {
                continue;
            }
            count += 1;
            record.push_str(&format!("{label}\n{there}  ── back\n{back}"));
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("matrix");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(*kind, record));
    }
    eprintln!("{count} edits");
    assert!(count > 150, "{count} edits");
}

#[tokio::test]
async fn every_key_of_every_kind_changes_there_and_back() {
    let all = std::env::var("TRUST_SCHEMA_EVOLUTION").is_ok_and(|value| value == "all");
    let (mut failures, mut run) = (Vec::new(), 0);
    for kind in KINDS {
        let (base, edited) = &*pairs(kind);
        let scratch = database(any_major(), Regime::Hardened).await;
        let (client, administrator) =
            (scratch.connect().await.expect("a connection"), scratch.connect_as_administrator().await.expect("a connection"));
        build(&client, base).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
        let start = found(&administrator).await;
        for (number, (label, other)) in edited.iter().enumerate() {
            let (Ok(there), Ok(back)) = (way(catalog(base), catalog(other), Manner::Online), way(catalog(other), catalog(base), Manner::AtOnce))
            else {
                failures.push(format!("{kind} {label}: no order"));
                continue;
            };
            if there.is_empty() || !(all || number % ONE_OF == kind.len() % ONE_OF) {
                continue;
            }
            run += 1;
            // Whatever PostgreSQL refuses of the spec itself is no matter of the way.
            let fresh = database(any_major(), Regime::Hardened).await;
            if build(&fresh.connect().await.expect("a connection"), other).await.is_err() {
                continue;
            }
            let wanted = found(&fresh.connect_as_administrator().await.expect("a connection")).await;
            let mut problem = None;
            for part in &there.parts {
                problem = problem.or(run_part(&client, part).await.err());
            }
            let wrong = differences(&wanted, &found(&administrator).await);
            problem = problem.or((!wrong.is_empty()).then(|| format!("not where a fresh build leads:\n{}", wrong.join("\n"))));
            for part in &back.parts {
                problem = problem.or(run_part(&client, part).await.err());
            }
            let wrong = differences(&start, &found(&administrator).await);
            problem = problem.or((!wrong.is_empty()).then(|| format!("not back:\n{}", wrong.join("\n"))));
            if let Some(problem) = problem {
                failures.push(format!("{kind} {label}: {problem}\n{}", lines(base, other)));
                // What follows would start somewhere else.
                break;
            }
        }
    }
    eprintln!("{run} edits there and back");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Two edits at once, whatever their kinds: from a case with the one to the case with the other, and back. That there is an order is asked of
/// many more pairs than are run.
#[tokio::test]
async fn two_edits_at_once_find_an_order() {
    let all = std::env::var("TRUST_SCHEMA_EVOLUTION").is_ok_and(|value| value == "all");
    let (mut failures, mut ordered, mut run) = (Vec::new(), 0, 0);
    for kind in ["table", "template", "function", "view", "retention", "seed", "domain"] {
        let (_, edited) = &*pairs(kind);
        for (number, (label, one)) in edited.iter().enumerate() {
            for step in if all { [7, 1, 31].as_slice() } else { &[7] } {
                let (other_label, other) = &edited[(number * 3 + *step) % edited.len()];
                let both = format!("{kind} {label} → {other_label}");
                let (there, back) = match (way(catalog(one), catalog(other), Manner::Online), way(catalog(other), catalog(one), Manner::AtOnce)) {
                    (Ok(there), Ok(back)) => (there, back),
                    (there, back) => {
                        failures.push(format!("{both}: {:?} {:?}", there.err(), back.err()));
                        continue;
                    }
                };
                ordered += 2;
                if there.is_empty() || *step != 7 || number % (if all { 3 } else { 29 }) != 1 {
                    continue;
                }
                let (scratch, fresh) = (database(any_major(), Regime::Hardened).await, database(any_major(), Regime::Hardened).await);
                let client = scratch.connect().await.expect("a connection");
                // Whatever PostgreSQL refuses of the spec itself is no matter of the way.
                let fits = build(&fresh.connect().await.expect("a connection"), other).await.is_ok();
                if !fits || build(&client, one).await.is_err() {
                    continue;
                }
                run += 1;
                let administrator = scratch.connect_as_administrator().await.expect("a connection");
                let wanted = found(&fresh.connect_as_administrator().await.expect("a connection")).await;
                let start = found(&administrator).await;
                let mut problem = None;
                for (way, goal) in [(&there, &wanted), (&back, &start)] {
                    for part in &way.parts {
                        problem = problem.or(run_part(&client, part).await.err());
                    }
                    let wrong = differences(goal, &found(&administrator).await);
                    problem = problem.or((!wrong.is_empty()).then(|| wrong.join("\n")));
                }
                failures.extend(problem.map(|problem| format!("{both}: {problem}\n{}", lines(one, other))));
            }
        }
    }
    eprintln!("{ordered} orders, {run} pairs there and back");
    assert!(failures.is_empty(), "{} of {ordered}: {}", failures.len(), failures.join("\n\n"));
}
