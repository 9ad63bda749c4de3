//! SARIF 2.1.0: what code scanning of GitHub and others read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::diagnostic::{Code, Diagnostic, Fix, Severity};
use crate::source::{FileId, Sources, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Renders all diagnostics as one document.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, folder: &str) -> String {
    let codes: BTreeMap<&str, &Code> = diagnostics.iter().map(|diagnostic| (diagnostic.code.id, diagnostic.code)).collect();
    let rules: Vec<Value> = codes.values().map(|code| rule(code)).collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, sources, folder)).collect();
    let driver = json!({ "name": "trust-schema", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    // Columns are counted in characters.
    let run = json!({ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results });
    let document = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn rule(code: &Code) -> Value {
    let title = code.explanation.lines().next().unwrap_or_default();
    json!({ "id": code.id, "name": code.name, "shortDescription": { "text": title }, "fullDescription": { "text": code.explanation }, "help": { "text": code.explanation } })
}

fn result(diagnostic: &Diagnostic, sources: &Sources, folder: &str) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let help = diagnostic.help.iter().map(|help| format!("\n{help}")).collect::<String>();
    let mut result = json!({ "ruleId": diagnostic.code.id, "level": level, "message": { "text": format!("{}{help}", diagnostic.message) } });
    if let Some((first, others)) = diagnostic.labels.split_first() {
        result["locations"] = json!([location(first.span, None, sources, folder)]);
        let related: Vec<Value> = others.iter().map(|label| location(label.span, Some(&label.text), sources, folder)).collect();
        if !related.is_empty() {
            result["relatedLocations"] = related.into();
        }
    }
    if let Some(fix) = &diagnostic.fix {
        result["fixes"] = json!([fixed(fix, sources, folder)]);
    }
    result
}

fn fixed(fix: &Fix, sources: &Sources, folder: &str) -> Value {
    let mut files: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
    for patch in &fix.patches {
        let replacement = json!({ "deletedRegion": region(patch.span, sources), "insertedContent": { "text": patch.replacement } });
        files.entry(patch.span.file).or_default().push(replacement);
    }
    let change = |(file, replacements)| json!({ "artifactLocation": { "uri": artifact(file, sources, folder) }, "replacements": replacements });
    json!({ "description": { "text": fix.description }, "artifactChanges": files.into_iter().map(change).collect::<Vec<_>>() })
}

fn location(span: Span, text: Option<&str>, sources: &Sources, folder: &str) -> Value {
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": artifact(span.file, sources, folder) }, "region": region(span, sources) }
    });
    if let Some(text) = text {
        location["message"] = json!({ "text": text });
    }
    location
}

fn artifact(file: FileId, sources: &Sources, folder: &str) -> String {
    uri(&format!("{folder}/{}", sources.get(file).path))
}

fn region(span: Span, sources: &Sources) -> Value {
    let (start, end) = (sources.position(span), sources.position(Span { start: span.end, ..span }));
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// A relative reference (RFC 3986): what has a meaning in one is written as `%xx`.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~');
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
