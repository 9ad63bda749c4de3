//! How the program ends.

use std::process::ExitCode;

/// The exit codes; the table in `--help` is made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Fine = 0,
    Findings = 1,
    Failed = 2,
}

impl Exit {
    pub const ALL: [Exit; 3] = [Exit::Fine, Exit::Findings, Exit::Failed];

    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Fine => "fine",
            Exit::Findings => "findings: errors in the spec, outputs that are not fresh, a proof or verification that failed",
            Exit::Failed => "could not do it: usage, files, connections",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
