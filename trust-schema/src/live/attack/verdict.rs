//! What an attempt showed.

use serde::Serialize;

/// What an attempt showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "why")]
pub enum Verdict {
    /// It came to nothing, and somebody who is entitled to the same succeeded.
    Denied,
    /// The spec lets this identity do it, and it showed or changed nothing of others.
    AsDeclared,
    /// It tells what the spec says that it has to tell; the reason.
    Accepted(String),
    /// PostgreSQL tells it to whoever may run the statement; no policy or privilege can prevent it.
    Inherent(String),
    /// It showed or changed what it must not.
    Leak(String),
    /// It came to nothing, but so did the control: nothing is shown.
    Unreliable(String),
}

/// Somebody tried something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Who.
    pub identity: String,
    /// The kind of attempt.
    pub form: String,
    /// On what.
    pub object: String,
    pub statement: String,
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What the server answered, where it refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub said: String,
}

/// How many attempts came to which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub attempts: u64,
    pub denied: u64,
    pub as_declared: u64,
    pub accepted: u64,
    pub inherent: u64,
    pub leaks: u64,
    pub unreliable: u64,
}

impl Counts {
    pub fn of<'a>(attempts: impl IntoIterator<Item = &'a Attempt>) -> Counts {
        let mut counts = Counts::default();
        for attempt in attempts {
            counts.attempts += 1;
            *match attempt.verdict {
                Verdict::Denied => &mut counts.denied,
                Verdict::AsDeclared => &mut counts.as_declared,
                Verdict::Accepted(_) => &mut counts.accepted,
                Verdict::Inherent(_) => &mut counts.inherent,
                Verdict::Leak(_) => &mut counts.leaks,
                Verdict::Unreliable(_) => &mut counts.unreliable,
            } += 1;
        }
        counts
    }
}
