//! A change inside a type, and how it is told.

use std::fmt;

/// What changes at some place inside a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An attribute is not there any more.
    Gone,
    /// An attribute has another name.
    Renamed(String),
    /// It is of another type.
    Type { before: String, after: String },
    /// It is of the same type, and holds less.
    Narrower { before: String, after: String },
    /// It is of the same type, and filled up to another length.
    Longer { before: String, after: String },
    /// It may be NULL, and could not be.
    Nullable,
    /// It has to be given: NULL is refused, and a missing key is NULL.
    Required,
    /// A domain has a check besides those that it had.
    Checked(String),
    /// A value of an enum is not there any more.
    ValueGone(String),
    /// A value of an enum has another name.
    ValueRenamed { before: String, after: String },
}

/// Who sees a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Whoever sends an argument.
    Argument,
    /// Whoever reads a result.
    Result,
}

impl Change {
    /// Whether those on this side would notice. A result may hold less than it could, and values of enums that it could not: those who read it
    /// have to expect new ones.
    pub fn breaks(&self, side: Side) -> bool {
        match self {
            Change::Gone | Change::Renamed(_) | Change::Type { .. } | Change::ValueRenamed { .. } => true,
            Change::Narrower { .. } | Change::Required | Change::Checked(_) | Change::ValueGone(_) => side == Side::Argument,
            Change::Nullable | Change::Longer { .. } => side == Side::Result,
        }
    }

    /// Says what a function does then, at a place in an argument or a result; the empty one is a result itself.
    pub fn tell(&self, side: Side, path: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
        match (self, side) {
            (Change::Gone, Side::Argument) => write!(formatter, "does not take `{path}` any more: what clients send there is ignored"),
            (Change::Gone, Side::Result) => write!(formatter, "does not return `{path}` any more"),
            (Change::Renamed(after), Side::Argument) => write!(formatter, "takes `{after}` where `{path}` was: what clients send there is ignored"),
            (Change::Renamed(after), Side::Result) => write!(formatter, "returns `{after}` where `{path}` was"),
            (Change::Type { before, after } | Change::Narrower { before, after } | Change::Longer { before, after }, Side::Argument) => {
                write!(formatter, "takes `{path}` as {after}, which was {before}")
            }
            (Change::Type { .. } | Change::Narrower { .. } | Change::Longer { .. }, Side::Result) if path.is_empty() => {
                write!(formatter, "returns something else")
            }
            (Change::Type { before, after } | Change::Narrower { before, after } | Change::Longer { before, after }, Side::Result) => {
                write!(formatter, "returns `{path}` as {after}, which was {before}")
            }
            (Change::Nullable, _) => write!(formatter, "can return NULL{place}, where it could not"),
            (Change::Required, _) => write!(formatter, "needs a value{place}, where none had to be"),
            (Change::Checked(check), _) => write!(formatter, "takes no value{place} that is against `{check}` any more"),
            (Change::ValueGone(value), _) => write!(formatter, "does not take `{value}`{place} any more"),
            (Change::ValueRenamed { before, after }, Side::Argument) => write!(formatter, "takes `{after}`{place} where it took `{before}`"),
            (Change::ValueRenamed { before, after }, Side::Result) => write!(formatter, "returns `{after}`{place} where it returned `{before}`"),
        }
    }
}
