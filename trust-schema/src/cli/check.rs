//! `trust-schema check`

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::printer::{BAD, Format, GOOD, Printer, STRONG, WARN, counted, diagnostics_document};
use super::project::{Place, Project};
use crate::build::difference;
use crate::build::{self, Comparison, Difference, MANIFEST};
use crate::compile::Compilation;
use crate::diagnostic::codes;
use crate::emit::Files;
use crate::spec::printable;

/// Check the spec, and that the outputs are what it compiles to
///
/// Writes nothing. Prints the errors of the spec, then every output that is missing, changed or left over, with the difference.
#[derive(Debug, clap::Args)]
#[command(
    visible_alias = "validate",
    after_help = "Examples:\n  trust-schema check\n  trust-schema check --lines 0         names of stale files only\n  trust-schema check --format json"
)]
pub struct Check {
    /// Longest difference to print for a file, in lines
    #[arg(long, value_name = "N", default_value_t = 60)]
    lines: usize,
}

impl Check {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let compilation = project.compile()?;
        let comparison = match &compilation.outputs {
            Some(outputs) => Some((outputs, build::check(&project.output, outputs)?)),
            None => None,
        };
        if printer.format == Format::Json {
            printer.document(&document(&compilation, comparison.as_ref().map(|(_, comparison)| comparison), &project));
        } else {
            printer.diagnostics(&compilation.diagnostics, &compilation.sources, &project.folder());
            if let Some((outputs, comparison)) = &comparison {
                self.print(comparison, outputs, &build::shown(&project.output), printer);
            }
        }
        let fresh = comparison.as_ref().is_some_and(|(_, comparison)| comparison.is_fresh());
        super::keep_until_exit(compilation);
        Ok(if fresh { Exit::Fine } else { Exit::Findings })
    }

    fn print(&self, comparison: &Comparison, outputs: &Files, folder: &str, printer: &mut Printer) {
        for path in &comparison.kept {
            printer.say(format!("{WARN}unknown{WARN:#} {folder}/{}: the spec no longer asks for it, but it was changed by hand", printable(path)));
        }
        for path in &comparison.strangers {
            let id = codes::STALE_OUTPUT.id;
            let path = printable(path);
            printer.result(format!(
                "{folder}/{path}: {BAD}error[{id}]{BAD:#}: the spec does not compile to this file, and it would be deployed; remove it"
            ));
        }
        if comparison.is_fresh() {
            printer.result(format!("{GOOD}fresh{GOOD:#}: {}", counted(comparison.fresh, "file")));
            return;
        }
        let id = codes::STALE_OUTPUT.id;
        if comparison.interrupted {
            printer.result(format!("{folder}: {BAD}error[{id}]{BAD:#}: an earlier run was interrupted while it wrote"));
        }
        // The list of files changes with every file; it is told of only where nothing else is.
        let only_manifest = comparison.differences.keys().all(|path| path == MANIFEST);
        let told = || comparison.differences.iter().filter(|(path, _)| only_manifest || *path != MANIFEST);
        for (path, difference) in told() {
            let path = printable(path);
            printer.result(format!("{folder}/{path}: {BAD}error[{id}]{BAD:#}: {STRONG}{}{STRONG:#}", sentence(difference)));
            let wanted = outputs.0.get(path.as_str()).map(String::as_str).unwrap_or_default();
            if printer.format == Format::Full && self.lines > 0 && path != MANIFEST {
                for line in difference::lines(&path, difference, wanted, self.lines) {
                    printer.difference(&line);
                }
            }
        }
        if told().next().is_none() && !comparison.interrupted {
            return printer.say(format!("{} strange, {} fresh", comparison.strangers.len(), comparison.fresh));
        }
        printer.say(format!("{} stale, {} fresh; `trust-schema generate` writes what the spec compiles to", told().count(), comparison.fresh));
    }
}

fn sentence(difference: &Difference) -> &'static str {
    match difference {
        Difference::Missing => "the file is missing",
        Difference::Changed(_) => "the file is not what the spec compiles to",
        Difference::Leftover(_) => "the spec no longer asks for the file",
    }
}

fn document(compilation: &Compilation, comparison: Option<&Comparison>, project: &Project) -> serde_json::Value {
    let mut document = diagnostics_document(&compilation.diagnostics, &compilation.sources, &project.folder());
    if let Some(comparison) = comparison {
        let stale = comparison.differences.iter().map(|(path, difference)| {
            let state = match difference {
                Difference::Missing => "missing",
                Difference::Changed(_) => "changed",
                Difference::Leftover(_) => "leftover",
            };
            json!({ "path": path, "state": state })
        });
        document.insert(
            "outputs".to_owned(),
            json!({ "fresh": comparison.fresh, "stale": stale.collect::<Vec<_>>(), "kept": comparison.kept, "strangers": comparison.strangers, "interrupted": comparison.interrupted }),
        );
    }
    document.into()
}
