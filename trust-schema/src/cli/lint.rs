//! `trust-schema lint`

use super::Failure;
use super::exit::Exit;
use super::printer::{Format, GOOD, Printer, counted, diagnostics_document};
use super::project::Place;
use crate::diagnostic::render::{github, sarif};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint;

/// Check the spec against the rules
///
/// `[lint]` of `trust.toml` says how grave each rule is and what is waived. Fails where a finding is an error.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema lint\n  trust-schema lint --deny warnings\n  trust-schema lint --format sarif > lint.sarif\n  trust-schema explain TL0202"
)]
pub struct Lint {
    /// Fail where there are warnings, too
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
}

/// What else is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    Warnings,
}

impl Lint {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let resolved = project.resolve()?;
        let mut diagnostics = resolved.diagnostics;
        diagnostics.extend(resolved.resolution.as_ref().map(lint::lint).unwrap_or_default());
        let (sources, folder) = (&resolved.sources, project.folder());
        match printer.format {
            Format::Json => printer.document(&diagnostics_document(&diagnostics, sources, &folder).into()),
            Format::Sarif => printer.result(sarif::render(&diagnostics, sources, &folder)),
            Format::Github => diagnostics.iter().for_each(|diagnostic| printer.result(github::render(diagnostic, sources, &folder))),
            Format::Full | Format::Concise => {
                printer.diagnostics(&diagnostics, sources, &folder);
                if diagnostics.is_empty() {
                    printer.result(format!("{GOOD}clean{GOOD:#}: {}", counted(lint::rules::all().count(), "rule")));
                }
            }
        }
        let failed = diagnostics.iter().any(|diagnostic: &Diagnostic| diagnostic.severity == Severity::Error || self.deny == Some(Deny::Warnings));
        super::keep_until_exit(resolved.resolution);
        Ok(if failed { Exit::Findings } else { Exit::Fine })
    }
}
