//! References generated from the code itself: the spec language as Markdown and as JSON Schema, and the diagnostics.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use serde_json::{Value, json};

use crate::diagnostic::codes;
use crate::kinds::ModuleSpec;
use crate::kinds::lint::Level;
use crate::kinds::project::ProjectSpec;
use crate::lint::{Example, Rule, prelude, rules};
use crate::spec::{Decode, Field, Shape, TableShape};

const GENERATED: &str = "<!-- Generated from the code: run `TRUST_UPDATE=1 cargo test -p tests --test documents` after a change. -->\n";

/// The keys of every table of the spec language.
pub fn spec_reference() -> String {
    let mut text =
        format!("# Reference of the spec language\n\n{GENERATED}\nFor an introduction with examples see [spec-language.md](spec-language.md).\n");
    let roots = [("trust.toml", ProjectSpec::shape()), ("a module file", ModuleSpec::shape())];
    let mut pending: VecDeque<TableShape> = VecDeque::new();
    let mut known: BTreeMap<&'static str, ()> = BTreeMap::new();
    for (title, shape) in roots {
        if let Shape::Table(table) = shape {
            known.insert(table.name, ());
            table_section(&mut text, &format!("`{}`: {title}", table.name), &table, &mut pending, &mut known);
        }
    }
    while let Some(table) = pending.pop_front() {
        table_section(&mut text, &format!("`{}`", table.name), &table, &mut pending, &mut known);
    }
    text
}

fn table_section(text: &mut String, title: &str, table: &TableShape, pending: &mut VecDeque<TableShape>, known: &mut BTreeMap<&'static str, ()>) {
    let _ = write!(text, "\n## {title}\n\n{}\n\n", table.doc.replace('\n', " "));
    if table.shorthand {
        text.push_str("A string may stand for the table.\n\n");
    }
    text.push_str("| key | value | required | meaning |\n|---|---|---|---|\n");
    for field in (table.fields)() {
        let required = if field.required { "yes" } else { "" };
        let value = describe(&(field.shape)(), pending, known);
        let _ = writeln!(text, "| `{}` | {value} | {required} | {} |", field.key, field.doc.replace('\n', " ").replace('|', "\\|"));
    }
}

/// A value in words; tables that it mentions are queued.
fn describe(shape: &Shape, pending: &mut VecDeque<TableShape>, known: &mut BTreeMap<&'static str, ()>) -> String {
    match shape {
        Shape::String => "string".to_owned(),
        Shape::Sql => "SQL".to_owned(),
        Shape::Integer => "integer".to_owned(),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Literal => "string, number, boolean, array or `{ sql = \"…\" }`".to_owned(),
        Shape::Choice { labels, .. } => labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(" \\| "),
        Shape::Array(item) => format!("array of {}", describe(&item(), pending, known)),
        Shape::Map(item) => format!("names with {}", describe(&item(), pending, known)),
        Shape::Either(shapes) => shapes.iter().map(|shape| describe(shape, pending, known)).collect::<Vec<_>>().join(", or "),
        Shape::Table(table) => {
            if known.insert(table.name, ()).is_none() {
                pending.push_back(TableShape { ..*table });
            }
            format!("[`{}`](#{})", table.name, table.name.to_lowercase())
        }
    }
}

/// Every diagnostic with its explanation.
pub fn diagnostics_reference() -> String {
    let mut text = format!("# Diagnostics\n\n{GENERATED}\n`trust-schema explain CODE` prints the same.\n");
    for code in codes::ALL {
        let _ = write!(text, "\n## {} {}\n\n{}", code.id, code.name, code.explanation);
    }
    text
}

/// Every rule of `lint` with its examples.
pub fn rules_reference() -> String {
    let count = rules::all().count();
    let mut text =
        format!("# Rules\n\n{GENERATED}\n`trust-schema lint` checks a spec against these {count} rules; `trust-schema explain CODE` prints one.\n\n");
    text.push_str("Levels and waivers stand in `trust.toml`:\n\n```toml\n[lint.level]\nno-tenant-floor = \"warn\"\n\n[[lint.waiver]]\nrule   = \"policy-always-true-read\"\n");
    text.push_str("object = \"policy public.prices.everybody_reads\"\nreason = \"Prices are public.\"\n```\n\n");
    text.push_str(
        "A rule marked *leak* finds what lets somebody read or write what is not theirs: while its level is `error`, nothing is compiled.\n",
    );
    text.push_str("What a rule marked *fix* finds has exactly one safe edit, as a rule: `trust-schema lint --fix` makes it.\n");
    text.push_str("Every statement about PostgreSQL is measured on every major version: `tests/tests/lint/claims`.\n\n");
    let _ = write!(
        text,
        "Examples in TOML follow this beginning:\n\n```toml\n{}```\n\nThose in SQL this one:\n\n```sql\n{}```\n",
        prelude::MODULE.trim_end().to_owned() + "\n",
        prelude::SQL
    );
    for group in rules::GROUPS {
        let _ = write!(text, "\n## {}\n", group.title);
        for rule in group.rules {
            let leak = if rule.leak { ", *leak*" } else { "" };
            let fix = if rule.has_fix { ", *fix*" } else { "" };
            let _ = write!(text, "\n### {} {}\n\nDefault: `{}`{leak}{fix}\n\n{}", rule.id(), rule.name(), level(rule), rule.code.explanation);
            for (title, example) in [("Found:", rule.bad), ("Not found:", rule.good)] {
                let language = if matches!(example, Example::Sql(_)) { "sql" } else { "toml" };
                let _ = write!(text, "\n{title}\n\n```{language}\n{}\n```\n", example.text().trim_end());
            }
        }
    }
    text
}

/// The default level of a rule, as `[lint]` writes it.
pub fn level(rule: &Rule) -> &'static str {
    match rule.level {
        Level::Allow => "allow",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

/// The spec language as JSON Schema, draft 07: what editors for TOML read.
pub fn json_schema() -> Value {
    let mut definitions = BTreeMap::new();
    let module = schema(&ModuleSpec::shape(), &mut definitions);
    let project = schema(&ProjectSpec::shape(), &mut definitions);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "trust-schema spec",
        "anyOf": [module, project],
        "definitions": definitions,
    })
}

fn schema(shape: &Shape, definitions: &mut BTreeMap<&'static str, Value>) -> Value {
    match shape {
        Shape::String | Shape::Sql => json!({ "type": "string" }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Literal => json!({ "type": ["string", "number", "boolean", "array", "object"] }),
        Shape::Choice { doc, labels } => json!({ "description": doc, "enum": labels }),
        Shape::Array(item) => json!({ "type": "array", "items": schema(&item(), definitions) }),
        Shape::Map(item) => json!({ "type": "object", "additionalProperties": schema(&item(), definitions) }),
        Shape::Either(shapes) => json!({ "anyOf": shapes.iter().map(|shape| schema(shape, definitions)).collect::<Vec<_>>() }),
        Shape::Table(table) => {
            if !definitions.contains_key(table.name) {
                // Taken first: tables may contain themselves.
                definitions.insert(table.name, Value::Null);
                let definition = table_schema(table, definitions);
                definitions.insert(table.name, definition);
            }
            json!({ "$ref": format!("#/definitions/{}", table.name) })
        }
    }
}

fn table_schema(table: &TableShape, definitions: &mut BTreeMap<&'static str, Value>) -> Value {
    let fields = (table.fields)();
    let property = |field: &Field, definitions: &mut BTreeMap<&'static str, Value>| json!({ "description": field.doc, "allOf": [schema(&(field.shape)(), definitions)] });
    let properties: serde_json::Map<String, Value> = fields.iter().map(|field| (field.key.to_owned(), property(field, definitions))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    let object = json!({
        "description": table.doc,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    });
    if table.shorthand { json!({ "anyOf": [{ "type": "string" }, object] }) } else { object }
}
