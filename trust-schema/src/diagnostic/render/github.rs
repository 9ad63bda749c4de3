//! Workflow commands of GitHub Actions: findings at the lines of a pull request.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// `::error file=spec/x.toml,line=10,col=14,title=TL0101::…`
pub fn render(diagnostic: &Diagnostic, sources: &Sources, folder: &str) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = diagnostic.labels.first().map(|label| {
        let position = sources.position(label.span);
        let path = format!("{folder}/{}", sources.get(label.span.file).path);
        format!("file={},line={},col={},", property(&path), position.line, position.column)
    });
    let title = property(&format!("{} {}", diagnostic.code.id, diagnostic.code.name));
    let help = diagnostic.help.iter().map(|help| format!("\nhelp: {help}")).collect::<String>();
    format!("::{command} {}title={title}::{}", place.unwrap_or_default(), data(&format!("{}{help}", diagnostic.message)))
}

/// The text behind `::` ends with the line (actions/toolkit, `command.ts`, `escapeData`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value in front of it ends at a comma or colon, too (`escapeProperty`).
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_is_escaped() {
        assert_eq!(data("100%\r\n::error::forged"), "100%25%0D%0A::error::forged");
        assert_eq!(property("a,line=1::b%"), "a%2Cline=1%3A%3Ab%25");
    }
}
