//! For programs: one JSON document, with a format version that grows by addition only.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Patch, Severity};
use crate::source::{Position, Sources, Span};

/// Version of the document; its minor part grows with additions, its major part with anything else.
pub const FORMAT_VERSION: &str = "1.1";

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
    /// What is probably meant, where it is one replacement.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<Place<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Mending<'a>>,
}

#[derive(Serialize)]
struct Mending<'a> {
    description: &'a str,
    /// Whether `lint --fix` makes it.
    safe: bool,
    replacements: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: String,
    start: Position,
    end: Position,
    text: &'a str,
}

/// Renders all diagnostics as one document.
pub fn render<'p>(diagnostics: &'p [Diagnostic], sources: &'p Sources, folder: &'p str) -> String {
    let place = |span: Span, text: &'p str| place(sources, folder, span, text);
    let replaced = |patch: &'p Patch| place(patch.span, &patch.replacement);
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
        patch: diagnostic.fix.as_ref().filter(|fix| fix.patches.len() == 1).and_then(|fix| fix.patches.first()).map(replaced),
        fix: diagnostic.fix.as_ref().map(|fix| Mending {
            description: &fix.description,
            safe: fix.is_safe,
            replacements: fix.patches.iter().map(replaced).collect(),
        }),
    });
    let document = Document { format_version: FORMAT_VERSION, diagnostics: items.collect() };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn place<'a>(sources: &Sources, folder: &str, span: Span, text: &'a str) -> Place<'a> {
    let end = Span { start: span.end, ..span };
    Place { file: format!("{folder}/{}", sources.get(span.file).path), start: sources.position(span), end: sources.position(end), text }
}
