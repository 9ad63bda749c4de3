//! The one error of this module.

use std::fmt;
use std::ops::Range;

/// What is wrong with a text, and where: `range` counts bytes of the text that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Bytes of the given text; always on character boundaries, possibly empty (something is missing there).
    pub range: Range<usize>,
    /// One short sentence in lower case without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Error {
    /// An error without a help.
    pub fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None }
    }

    /// The same error with a help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error with its range moved by `offset` bytes: for a text that was cut out of another one.
    #[must_use]
    pub fn moved_by(mut self, offset: usize) -> Self {
        self.range = self.range.start + offset..self.range.end + offset;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
