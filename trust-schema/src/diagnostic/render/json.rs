//! For programs: one JSON document, with a format version that grows by addition only.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Position, Sources, Span};

/// Version of the document; its minor part grows with additions, its major part with anything else.
pub const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
struct Document<'a> {
    format_version: &'static str,
    diagnostics: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: &'a str,
    labels: Vec<Place<'a>>,
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<Replacement<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: String,
    start: Position,
    end: Position,
    text: &'a str,
}

#[derive(Serialize)]
struct Replacement<'a> {
    #[serde(flatten)]
    place: Place<'a>,
}

/// Renders all diagnostics as one document.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, folder: &str) -> String {
    let place = |span: Span, text| place(sources, folder, span, text);
    let items = diagnostics.iter().map(|diagnostic| Item {
        code: diagnostic.code.id,
        name: diagnostic.code.name,
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &diagnostic.message,
        labels: diagnostic.labels.iter().map(|label| place(label.span, label.text.as_str())).collect(),
        help: &diagnostic.help,
        patch: diagnostic.patch.as_ref().map(|patch| Replacement { place: place(patch.span, &patch.replacement) }),
    });
    let document = Document { format_version: FORMAT_VERSION, diagnostics: items.collect() };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn place<'a>(sources: &Sources, folder: &str, span: Span, text: &'a str) -> Place<'a> {
    let end = Span { start: span.end, ..span };
    Place { file: format!("{folder}/{}", sources.get(span.file).path), start: sources.position(span), end: sources.position(end), text }
}
