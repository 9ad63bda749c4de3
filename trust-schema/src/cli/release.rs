//! `trust-schema release`

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::printer::{Format, GOOD, Printer};
use super::project::Place;
use crate::build;
use crate::release::{LOCK, Migration, Released};
use crate::resolve::Resolution;

/// Freeze the migrations: what follows are changes
///
/// Writes `release.lock` beside the outputs. From then on the migrations stay as they are, and edits of the spec become the next migration, with its
/// rollback and its verification. The outputs must be fresh.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  trust-schema release\n  trust-schema generate && trust-schema release && git add generated/release.lock")]
pub struct Release {}

impl Release {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let compilation = project.compile()?;
        printer.diagnostics(&compilation.diagnostics, &compilation.sources, &project.folder());
        let (Some(resolution), Some(outputs)) = (&compilation.resolution, &compilation.outputs) else { return Ok(Exit::Findings) };
        if !build::check(&project.output, outputs)?.is_fresh() {
            return Err(Failure::new(
                "the outputs are not what the spec compiles to: run `trust-schema generate` and look at them before you release them",
            ));
        }
        let released = resolution.pending.as_ref().map(|pending| pending.released.clone()).unwrap_or_default();
        let new = pending(resolution, &released, outputs);
        let names: Vec<String> = new.iter().map(|(migration, _)| migration.name.clone()).collect();
        if !names.is_empty() {
            build::write_release(
                &project.output,
                &released.extended(new, resolution.catalog.clone(), resolution.contract.promises(), resolution.said.clone()),
            )?;
        }
        if printer.format == Format::Json {
            printer.document(&json!({ "released": names }));
        } else if names.is_empty() {
            printer.result("everything is released");
        } else {
            for name in &names {
                printer.result(format!("{GOOD}released{GOOD:#} {name}"));
            }
            printer.say(format!("written to {}/{LOCK}; commit it", build::shown(&project.output)));
        }
        super::keep_until_exit(compilation);
        Ok(Exit::Fine)
    }
}

/// The migrations that are not released, with the objects that they make.
fn pending(resolution: &Resolution, released: &Released, outputs: &crate::emit::Files) -> Vec<(Migration, Vec<crate::catalog::Id>)> {
    let modules = resolution.modules.iter().zip(&resolution.plan().migrations).skip(released.release.migrations.len());
    modules.map(|(module, steps)| (Migration::freeze(&module.migration, &module.summary, &module.file, &outputs.0), steps.clone())).collect()
}
