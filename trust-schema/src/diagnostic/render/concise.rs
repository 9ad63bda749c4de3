//! One line for each diagnostic, which editors and `grep` can follow.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// `spec/x.toml:10:14: error[TS0203]: unknown role …`
pub fn render(diagnostic: &Diagnostic, sources: &Sources, folder: &str) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = match diagnostic.labels.first() {
        Some(label) => {
            let position = sources.position(label.span);
            format!("{folder}/{}:{}:{}", sources.get(label.span.file).path, position.line, position.column)
        }
        None => folder.to_owned(),
    };
    let help = diagnostic.help.first().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{place}: {severity}[{}]: {}{help}", diagnostic.code.id, diagnostic.message)
}
