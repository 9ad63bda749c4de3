//! The texts that a compilation reads, and positions in them.

use std::ops::Range;

use serde::Serialize;

/// A file of one compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, range: Range<usize>) -> Span {
        // A file of more than 4 GiB is refused on reading, see `spec::load`.
        Span { file, start: range.start as u32, end: range.end as u32 }
    }

    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written. Equality is that of the value.
#[derive(Debug, Clone, Copy)]
pub struct At<T> {
    pub value: T,
    pub span: Span,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> At<T> {
    pub fn new(value: T, span: Span) -> At<T> {
        At { value, span }
    }
}

impl<T> std::ops::Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// One file of a spec: its path relative to the spec's folder, with `/`, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

/// All files of a spec, in the order of their paths.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    pub fn new(mut files: Vec<SourceFile>) -> Sources {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Sources { files }
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
    }

    pub fn get(&self, file: FileId) -> &SourceFile {
        &self.files[file.0 as usize]
    }

    pub fn find(&self, path: &str) -> Option<(FileId, &SourceFile)> {
        let index = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some((FileId(index as u32), &self.files[index]))
    }

    /// The text under a span; empty where the span does not fit the file.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.range()).unwrap_or_default()
    }

    /// Where a range of the value of a string lies in the file. Exact where the string is written without escapes,
    /// otherwise the whole string.
    pub fn inside(&self, string: &At<String>, range: Range<usize>) -> Span {
        let written = self.text(string.span);
        match plain_start(written, &string.value).or_else(|| written.find(string.value.as_str())) {
            Some(offset) if string.value.get(range.clone()).is_some() => {
                let start = string.span.start as usize + offset;
                Span::new(string.span.file, start + range.start..start + range.end)
            }
            _ => string.span,
        }
    }

    pub fn position(&self, span: Span) -> Position {
        let file = self.get(span.file);
        let before = file.text.get(..span.start as usize).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position { line: before.bytes().filter(|byte| *byte == b'\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// Where the value of a string begins in how it is written, where nothing but the quotes is around it. Told from the lengths alone, since this is
/// asked for each name in a text: an escape is always longer than what it stands for.
pub(crate) fn plain_start(written: &str, value: &str) -> Option<usize> {
    let around = written.len().checked_sub(value.len())?;
    let is_long = written.starts_with("'''") || written.starts_with("\"\"\"");
    let line_break = if written.get(3..).is_some_and(|rest| rest.starts_with("\r\n")) { 2 } else { usize::from(written.get(3..4) == Some("\n")) };
    match around {
        0 => Some(0),
        // Nothing has no inside: its quotes are shown.
        _ if value.is_empty() => Some(0),
        2 if !is_long && written.starts_with(['\'', '"']) => Some(1),
        _ if is_long && around == 6 + line_break => Some(3 + line_break),
        _ => None,
    }
}

/// A position for people: both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_plain_string_is_told_without_a_search() {
        for (written, value, place) in [
            ("select 1", "select 1", Some(0)),
            ("'a'", "a", Some(1)),
            ("\"a\"", "a", Some(1)),
            ("\"\"", "", Some(0)),
            ("'''a'''", "a", Some(3)),
            ("'''\na\n'''", "a\n", Some(4)),
            ("\"\"\"\r\na\"\"\"", "a", Some(5)),
            ("\"a\\tb\"", "a\tb", None),
            ("\"\"\"\\\n  a\"\"\"", "a", None),
            ("'''\n\na'''", "\na", Some(4)),
            ("a", "longer", None),
        ] {
            assert_eq!(plain_start(written, value), place, "{written}");
            assert!(place.is_none_or(|place| written[place..].starts_with(value)), "{written}");
        }
    }
}
