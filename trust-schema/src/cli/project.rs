//! Which folders are meant.

use std::path::{Path, PathBuf};

use super::Failure;
use super::printer::{Format, Printer, diagnostics_document};
use crate::build;
use crate::compile::{Compilation, compile_migrations};
use crate::diagnostic::Diagnostic;
use crate::emit::Files;
use crate::resolve::{Resolution, Resolved};
use crate::scripts;
use crate::source::Sources;

const SPEC: &str = "spec";
const OUTPUT: &str = "generated";
const PROJECT_FILE: &str = "trust.toml";

/// Where the spec and its outputs are.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Project")]
pub struct Place {
    /// Folder of the spec [default: `spec`, here or in a folder above]
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub spec: Option<PathBuf>,
    /// Folder of the outputs [default: `generated`, beside the spec]
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

/// A project that was found.
pub struct Project {
    pub spec: PathBuf,
    pub output: PathBuf,
}

/// A folder of SQL migrations that somebody else wrote.
pub struct Migrations {
    /// Where they lie, as messages name it.
    pub folder: String,
    pub project: scripts::Project,
    /// What cannot be read cannot be run.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the migrations of a folder.
///
/// # Errors
/// A message where there are none.
pub fn migrations(folder: &Path) -> Result<Migrations, Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(format!("there is no folder `{}`", build::shown(folder))));
    }
    let (folder, loaded) = build::scripts(folder)?;
    let folder = build::shown(&folder);
    if loaded.files.is_empty() && loaded.diagnostics.is_empty() {
        return Err(Failure::new(format!(
            "there is no `*.sql` in `{folder}`\nname the folder that holds the migrations: `--sql supabase/migrations`"
        )));
    }
    let (project, mut diagnostics) = scripts::read(loaded.files);
    diagnostics.extend(loaded.diagnostics);
    Ok(Migrations { folder, project, diagnostics })
}

/// A spec without errors, and everything that it compiles to.
pub struct Whole {
    pub sources: Sources,
    pub resolution: Resolution,
    pub outputs: Files,
}

impl Place {
    /// Finds the project: as the options say, or from the current folder upwards.
    ///
    /// # Errors
    /// A message where there is none, or where the folders cannot be used.
    pub fn find(&self) -> Result<Project, Failure> {
        let spec = match &self.spec {
            Some(spec) if spec.is_dir() => spec.clone(),
            Some(spec) => return Err(Failure::new(format!("there is no folder `{}`", build::shown(spec)))),
            None => walk_up()?,
        };
        let output = match &self.output {
            Some(output) => output.clone(),
            None => beside(&spec, OUTPUT),
        };
        build::check_folders(&spec, &output)?;
        Ok(Project { spec, output })
    }
}

impl Project {
    /// # Errors
    /// A message where the spec cannot be read.
    pub fn compile(&self) -> Result<Compilation, Failure> {
        Ok(build::compile_into(&self.spec, &self.output)?)
    }

    /// As [`Project::compile`], for verbs that need everything: prints what there is to say, and gives nothing where the spec has errors.
    ///
    /// # Errors
    /// A message where the spec cannot be read.
    pub fn compile_whole(&self, printer: &mut Printer) -> Result<Option<Whole>, Failure> {
        Ok(self.whole(self.compile()?, printer))
    }

    /// As [`Project::compile_whole`], with those outputs alone that are run on a database.
    ///
    /// # Errors
    /// A message where the spec cannot be read.
    pub fn compile_migrations(&self, printer: &mut Printer) -> Result<Option<Whole>, Failure> {
        Ok(self.whole(compile_migrations(self.resolve()?), printer))
    }

    fn whole(&self, compilation: Compilation, printer: &mut Printer) -> Option<Whole> {
        let Compilation { sources, mut resolution, outputs, diagnostics } = compilation;
        // What was released lies among the outputs from here on.
        resolution.iter_mut().filter_map(|resolution| resolution.pending.as_mut()).for_each(|pending| pending.released.files.clear());
        printer.diagnostics(&diagnostics, &sources, &self.folder());
        if let (Some(resolution), Some(outputs)) = (resolution, outputs) {
            return Some(Whole { sources, resolution, outputs });
        }
        if printer.format == Format::Json {
            printer.document(&diagnostics_document(&diagnostics, &sources, &self.folder()).into());
        }
        None
    }

    /// Without outputs.
    ///
    /// # Errors
    /// A message where the spec cannot be read.
    pub fn resolve(&self) -> Result<Resolved, Failure> {
        Ok(build::resolve_into(&self.spec, &self.output)?)
    }

    /// A file or folder beside the spec.
    pub fn beside(&self, name: &str) -> PathBuf {
        beside(&self.spec, name)
    }

    /// The spec's folder as it is put before the paths of its files.
    pub fn folder(&self) -> String {
        build::shown(&self.spec)
    }
}

/// `spec`, `../spec`, …: relative, so that messages stay short and the same on every machine.
fn walk_up() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| Failure::new(format!("the current folder cannot be read: {error}")))?;
    let mut prefix = PathBuf::new();
    for folder in here.ancestors() {
        match folder.join(SPEC).join(PROJECT_FILE).metadata() {
            Ok(found) if found.is_file() => return Ok(prefix.join(SPEC)),
            // Going on would end in `there is none`, or in the spec of another project.
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                let spec = build::shown(&prefix.join(SPEC));
                return Err(Failure::new(format!(
                    "the folder `{spec}` cannot be read: {error}\ngive yourself the right to read it: `chmod u+rx {spec}`"
                )));
            }
            _ => {}
        }
        prefix.push("..");
    }
    Err(Failure::new(format!(
        "no `{SPEC}/{PROJECT_FILE}` in this folder or one above it\nrun `trust-schema init` to write a first one, or name the spec's folder: `--spec DIR`"
    )))
}

fn beside(spec: &Path, name: &str) -> PathBuf {
    match (spec.parent(), spec.file_name()) {
        (Some(parent), Some(_)) => parent.join(name),
        // `.` or `..`: what lies beside it is found from above.
        _ => spec.join("..").join(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_lie_beside_the_spec() {
        for (spec, output) in
            [("spec", "generated"), ("../spec", "../generated"), ("/a/b", "/a/generated"), (".", "./../generated"), ("..", "../../generated")]
        {
            assert_eq!(beside(Path::new(spec), OUTPUT), Path::new(output), "{spec}");
        }
    }
}
