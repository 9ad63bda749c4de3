//! `trust-schema generate`

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::printer::{BAD, Format, GOOD, Printer, WARN, diagnostics_document};
use super::project::Place;
use crate::build::{self, Options, Report};
use crate::spec::printable;

/// Compile the spec and write what changed
///
/// Files that are as they should be are not touched, files that the spec no longer asks for are removed, and files that trust-schema did not write are left
/// alone. Prints what changed, and nothing where nothing did.
#[derive(Debug, clap::Args)]
#[command(visible_alias = "gen", after_help = "Examples:\n  trust-schema generate\n  trust-schema generate --spec db/spec --output db/generated")]
pub struct Generate {}

impl Generate {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let compilation = project.compile()?;
        printer.diagnostics(&compilation.diagnostics, &compilation.sources, &project.folder());
        let report = match &compilation.outputs {
            Some(outputs) => Some(build::persist(&project.output, outputs, Options::default())?),
            None => None,
        };
        if printer.format == Format::Json {
            let mut document = diagnostics_document(&compilation.diagnostics, &compilation.sources, &project.folder());
            if let Some(report) = &report {
                let Report { created, changed, removed, kept, fresh, .. } = report;
                document.insert(
                    "outputs".to_owned(),
                    json!({ "created": created, "changed": changed, "removed": removed, "kept": kept, "fresh": fresh }),
                );
            }
            printer.document(&document.into());
        } else if let Some(report) = &report {
            print(report, &build::shown(&project.output), printer);
        }
        super::keep_until_exit(compilation);
        Ok(if report.is_some() { Exit::Fine } else { Exit::Findings })
    }
}

fn print(report: &Report, folder: &str, printer: &mut Printer) {
    if report.recovered {
        printer.say(format!("{WARN}finished an earlier run that was interrupted{WARN:#}"));
    }
    for path in &report.kept {
        printer.say(format!("{WARN}kept{WARN:#} {folder}/{}: the spec no longer asks for it, but it was changed by hand", printable(path)));
    }
    let groups = [(GOOD, "+", &report.created), (WARN, "~", &report.changed), (BAD, "-", &report.removed)];
    for (style, sign, paths) in groups {
        for path in paths {
            printer.result(format!("{style}{sign}{style:#} {folder}/{}", printable(path)));
        }
    }
    let counts = [(report.created.len(), "created"), (report.changed.len(), "changed"), (report.removed.len(), "removed")];
    let mut counts: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if !counts.is_empty() {
        counts.extend((report.fresh > 0).then(|| format!("{} fresh", report.fresh)));
        printer.result(counts.join(", "));
    }
}
