//! Differences as people read them: unified, and no longer than needed.

use similar::{ChangeTag, TextDiff};

use super::compare::Difference;

/// Lines around a change.
const CONTEXT: usize = 3;
/// Beyond this size texts are not compared line by line: it would take long, and nobody would read it.
const MAXIMUM_TEXT: usize = 2 << 20;

/// A line of a difference, without its newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// `--- a` and `+++ b`.
    Head(String),
    /// `@@ -1,2 +1,3 @@`
    Place(String),
    Same(String),
    Added(String),
    Removed(String),
    /// What is left out.
    Note(String),
}

impl std::fmt::Display for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, text) = match self {
            Line::Head(text) | Line::Place(text) | Line::Note(text) => ("", text),
            Line::Same(text) => (" ", text),
            Line::Added(text) => ("+", text),
            Line::Removed(text) => ("-", text),
        };
        write!(formatter, "{sign}{}", crate::spec::printable(text))
    }
}

/// What is to change in a file, from what was found to what the spec asks for: at most `limit` lines, then a note. Only changed files have
/// lines; a missing or leftover file says enough by its name.
pub fn lines(path: &str, difference: &Difference, wanted: &str, limit: usize) -> Vec<Line> {
    let Difference::Changed(found) = difference else { return Vec::new() };
    let Ok(found) = std::str::from_utf8(found) else { return vec![Line::Note("what was found is no text".to_owned())] };
    let mut lines = between([&format!("{path} (found)"), &format!("{path} (from the spec)")], found, wanted);
    if lines.len() > limit {
        let more = lines.len() - limit;
        lines.truncate(limit);
        lines.push(Line::Note(format!("… {more} more lines")));
    }
    lines
}

/// What is to change from one text to another, each under its name.
pub fn between([old, new]: [&str; 2], before: &str, after: &str) -> Vec<Line> {
    if before.len().max(after.len()) > MAXIMUM_TEXT {
        return vec![Line::Note("too large to be compared line by line".to_owned())];
    }
    let diff = TextDiff::from_lines(before, after);
    let mut lines = vec![Line::Head(format!("--- {old}")), Line::Head(format!("+++ {new}"))];
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        lines.push(Line::Place(hunk.header().to_string()));
        for change in hunk.iter_changes() {
            let value = change.value();
            let text = value.trim_end_matches('\n').to_owned();
            lines.push(match change.tag() {
                ChangeTag::Equal => Line::Same(text),
                ChangeTag::Insert => Line::Added(text),
                ChangeTag::Delete => Line::Removed(text),
            });
            if !value.ends_with('\n') {
                lines.push(Line::Note("\\ No newline at end of file".to_owned()));
            }
        }
    }
    lines
}
