//! Why a deployment stopped: a code that stays the same, what is wrong, and what to do about it.

use std::fmt;

use serde::Serialize;

use crate::live::error::message;
use crate::live::prove::Place;

/// The reason. Nothing in it comes from a URL, so no password can be in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// Stable, for machines.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where in which file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Box<Place>>,
}

impl Stop {
    /// A reason without help.
    pub fn new(code: &'static str, message: impl Into<String>) -> Stop {
        Stop { code, message: message.into(), help: None, place: None }
    }

    /// With what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Stop {
        self.help = Some(help.into());
        self
    }

    /// A statement of ours that failed.
    pub(in crate::live) fn query(doing: &str) -> impl FnOnce(tokio_postgres::Error) -> Stop {
        move |error| Stop::new("query", format!("could not {doing}: {}", message(&error)))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} [{}]", self.message, self.code)?;
        if let Some(place) = &self.place {
            write!(formatter, "\n  at {}:{}:{}", place.file, place.line, place.column)?;
            for more in [&place.object, &place.statement].into_iter().flatten() {
                write!(formatter, "\n  {more}")?;
            }
        }
        if let Some(help) = &self.help {
            write!(formatter, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Stop {}

impl From<crate::live::Error> for Stop {
    fn from(error: crate::live::Error) -> Stop {
        Stop::new("query", error.to_string())
    }
}
